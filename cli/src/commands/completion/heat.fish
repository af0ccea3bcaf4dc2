# Completion of {NAME} for fish. Load it with: {NAME} completion fish | source
function __{FUNCTION}_complete
    set -l heat {PATH}
    test -x $heat; or set heat {PROGRAM}
    set -l words (commandline -opc)
    set -e words[1]
    set -l current (commandline -ct)
    set -l candidates (command $heat completion fish -- $words "$current" 2> /dev/null)
    if set -q candidates[1]
        printf '%s\n' $candidates
    else
        __fish_complete_path "$current"
    end
end
complete -c {NAME} -f -a '(__{FUNCTION}_complete)'

# Completion of heat for fish. Load it with: heat completion fish | source
function __heat_complete
    set -l heat {HEAT}
    test -x $heat; or set heat heat
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
complete -c heat -f -a '(__heat_complete)'

#compdef {NAME}
# Completion of {NAME} for zsh. Load it with: eval "$({NAME} completion zsh)"
_{FUNCTION}() {
    local heat={PATH}
    local -a candidates
    [[ -x $heat ]] || heat={PROGRAM}
    candidates=(${(f)"$("$heat" completion zsh -- "${(@Q)words[2,CURRENT-1]}" "$PREFIX" 2> /dev/null)"})
    if (( $#candidates )); then
        _describe -t {FUNCTION} {NAME} candidates
    else
        _default
    fi
}
if [ "$funcstack[1]" = "_{FUNCTION}" ]; then
    _{FUNCTION} "$@"
else
    compdef _{FUNCTION} {NAME}
fi

#compdef heat
# Completion of heat for zsh. Load it with: eval "$(heat completion zsh)"
_heat() {
    local heat={HEAT}
    local -a candidates
    [[ -x $heat ]] || heat=heat
    candidates=(${(f)"$("$heat" completion zsh -- "${(@Q)words[2,CURRENT-1]}" "$PREFIX" 2> /dev/null)"})
    if (( $#candidates )); then
        _describe -t heat heat candidates
    else
        _default
    fi
}
if [ "$funcstack[1]" = "_heat" ]; then
    _heat "$@"
else
    compdef _heat heat
fi

# Completion of heat for bash. Load it with: eval "$(heat completion bash)"
_heat() {
    local heat={HEAT} current=${2-${COMP_WORDS[COMP_CWORD]}} candidate
    [[ -x $heat ]] || heat=heat
    COMPREPLY=()
    while IFS= read -r candidate; do
        COMPREPLY+=("$candidate")
    done < <("$heat" completion bash -- "${COMP_WORDS[@]:1:COMP_CWORD-1}" "$current" 2> /dev/null)
}
complete -o bashdefault -o default -F _heat heat

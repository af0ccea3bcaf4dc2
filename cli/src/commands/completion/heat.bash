# Completion of {NAME} for bash. Load it with: eval "$({NAME} completion bash)"
_{FUNCTION}() {
    local heat={PATH} current=${2-${COMP_WORDS[COMP_CWORD]}} candidate
    [[ -x $heat ]] || heat={PROGRAM}
    COMPREPLY=()
    while IFS= read -r candidate; do
        COMPREPLY+=("$candidate")
    done < <("$heat" completion bash -- "${COMP_WORDS[@]:1:COMP_CWORD-1}" "$current" 2> /dev/null)
}
complete -o bashdefault -o default -F _{FUNCTION} {NAME}

//! Formats foreign texts and sizes for messages.

/// Replaces control characters, which could control a terminal or begin a line.
pub(super) fn visible(text: &str) -> String {
    let visible = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().map(visible).collect()
}

/// Hides possible secrets in the URLs of a text, including relative URLs: user names and passwords before hosts,
/// and queries, which may contain a signature.
pub(super) fn without_secrets(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    // The host is after two slashes or backslashes.
    while let Some((before, after)) = split_behind_slashes(rest) {
        let (url, behind) = split_before(after, ends_url);
        let (address, query) = split_before(url, |c| c == '?');
        let at = credentials(address);
        push_without_queries(&mut shown, before);
        // A password that contains a blank ends after the blank.
        if at == 0
            && is_broken(address)
            && let Some(hidden) = behind.find('@')
        {
            shown.push('…');
            rest = behind.get(hidden..).unwrap_or_default();
            continue;
        }
        if at > 0 {
            shown.push('…');
        }
        shown.push_str(address.get(at..).unwrap_or_default());
        if !query.is_empty() {
            shown.push_str("?…");
        }
        rest = behind;
    }
    push_without_queries(&mut shown, rest);
    shown
}

/// Appends a text without the queries that have values.
fn push_without_queries(shown: &mut String, text: &str) {
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('?') {
        let (query, behind) = split_before(after, ends_url);
        shown.push_str(before);
        shown.push('?');
        shown.push_str(if query.contains('=') { "…" } else { query });
        rest = behind;
    }
    shown.push_str(rest);
}

fn ends_url(c: char) -> bool {
    c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>')
}

/// Splits after the first two slashes or backslashes.
fn split_behind_slashes(text: &str) -> Option<(&str, &str)> {
    let mut signs = text.match_indices(['/', '\\']);
    let doubled = |at: &usize| text.as_bytes().get(*at) == text.as_bytes().get(at + 1);
    let at = signs.find_map(|(at, _)| Some(at).filter(doubled))?;
    text.split_at_checked(at + 2)
}

fn split_before(text: &str, ends: impl Fn(char) -> bool) -> (&str, &str) {
    let end = text.find(ends).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// The length of user name and password before the host. A password that contains a slash makes the
/// URL invalid, but must be hidden as well.
fn credentials(address: &str) -> usize {
    let (authority, _) = split_before(address, |c| c == '/');
    let whole = if is_broken(address) {
        address
    } else {
        authority
    };
    whole.rfind('@').unwrap_or(0)
}

/// Whether the text after the host is not a port.
fn is_broken(address: &str) -> bool {
    let (authority, _) = split_before(address, |c| c == '/');
    authority
        .rsplit_once(':')
        .is_some_and(|(_, port)| !port.ends_with(']') && port.parse::<u16>().is_err())
}

/// A number of bytes in the largest exact unit.
pub(super) fn size(bytes: usize) -> String {
    const KIB: usize = 1 << 10;
    const MIB: usize = 1 << 20;
    match bytes {
        0 => "0 bytes".to_owned(),
        _ if bytes.is_multiple_of(MIB) => format!("{} MiB", bytes / MIB),
        _ if bytes.is_multiple_of(KIB) => format!("{} KiB", bytes / KIB),
        _ => format!("{bytes} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_lose_their_secrets() {
        for (text, shown) in [
            ("", ""),
            ("a plain text? yes@home", "a plain text? yes@home"),
            ("a = b ? c : d", "a = b ? c : d"),
            ("x?sig=1#y 'z?w=1'", "x?… 'z?…'"),
            ("//u:p@h/x?sig=1", "//…@h/x?…"),
            ("http:\\\\u:p@h/x", "http:\\\\…@h/x"),
            ("a // b", "a // b"),
            ("https://h/x", "https://h/x"),
            ("https://u:p@h/x", "https://…@h/x"),
            ("https://token@h/x", "https://…@h/x"),
            ("https://u:p@ss@h/x", "https://…@h/x"),
            ("https://u:p/ss@h/x", "https://…@h/x"),
            ("https://u:p ss@h/x?a=b", "https://…@h/x?…"),
            ("a https://u:p\tss word@h/x b", "a https://…@h/x b"),
            ("http://h:80 is not a@b", "http://h:80 is not a@b"),
            ("https://h/pkg@1.0/x", "https://h/pkg@1.0/x"),
            ("https://h:8080/pkg@1.0/x", "https://h:8080/pkg@1.0/x"),
            ("http://[::1]:80/a@b", "http://[::1]:80/a@b"),
            ("http://[::1]/a@b", "http://[::1]/a@b"),
            ("http://u:p@[::1]/a@b", "http://…@[::1]/a@b"),
            ("https://h/x?sig=1&e=2", "https://h/x?…"),
            (
                "a: {get_file: \"https://h/x?sig=1\"} # u",
                "a: {get_file: \"https://h/x?…\"} # u",
            ),
            (
                "'ftp://u:p@h' http://v:q@i/é?ü",
                "'ftp://…@h' http://…@i/é?…",
            ),
            ("://", "://"),
            ("http://@", "http://@"),
        ] {
            assert_eq!(without_secrets(text), shown, "{text}");
        }
    }

    #[test]
    fn nothing_steers_a_terminal() {
        assert_eq!(visible("a\u{1b}[1m\nb\u{9b}\té"), "a [1m b  é");
    }

    #[test]
    fn sizes_are_told_in_round_numbers_only() {
        for (bytes, told) in [
            (0, "0 bytes"),
            (1023, "1023 bytes"),
            (1024, "1 KiB"),
            (1025, "1025 bytes"),
            (512 << 10, "512 KiB"),
            (16 << 20, "16 MiB"),
        ] {
            assert_eq!(size(bytes), told);
        }
    }
}

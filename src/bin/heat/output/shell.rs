//! Lines of `name="value"` that a shell evaluates. Names and values come from a server: none of them may run as a
//! command or change what the shell or the programs after it do.

use super::Cell;

/// Variables in small letters that a shell or programs heed. In zsh `path` and the like are other names of `PATH`, and
/// `prompt` is expanded each time it is shown.
const HEEDED: [&str; 16] = [
    "all_proxy",
    "argv",
    "cdpath",
    "fignore",
    "fpath",
    "ftp_proxy",
    "histchars",
    "http_proxy",
    "https_proxy",
    "mailpath",
    "manpath",
    "module_path",
    "no_proxy",
    "path",
    "prompt",
    "psvar",
];

/// The lines, and for each field that is left out the reason.
pub(super) fn lines(fields: &[(&str, &Cell)], prefix: &str) -> (String, Vec<String>) {
    let (mut out, mut left_out) = (String::new(), Vec::new());
    let mut names: Vec<String> = Vec::new();
    for (field, cell) in fields {
        let name = match variable(field, prefix) {
            Ok(name) if names.contains(&name) => Err("another field has the same variable"),
            other => other,
        };
        match name {
            Ok(name) => {
                out.push_str(&format!("{name}=\"{}\"\n", quoted(&cell.machine_text())));
                names.push(name);
            }
            Err(why) => left_out.push(format!("{field:?} is left out of the variables: {why}")),
        }
    }
    (out, left_out)
}

/// The variable of a field: small letters, digits and underscores behind the prefix.
fn variable(field: &str, prefix: &str) -> Result<String, &'static str> {
    if field.is_empty() {
        return Err("it has no name");
    }
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let mut name: String = field.to_lowercase().chars().map(plain).collect();
    // The prefix is the user's own and may hold a word before the name, such as `export `.
    let (words, start) = match prefix.rfind(char::is_whitespace) {
        Some(blank) => prefix.split_at_checked(blank + 1).unwrap_or((prefix, "")),
        None => ("", prefix),
    };
    if start.is_empty() && name.starts_with(|c: char| c.is_ascii_digit()) {
        name.insert(0, '_');
    }
    name.insert_str(0, start);
    if HEEDED.contains(&name.as_str()) {
        return Err("shells or programs heed a variable of this name; add --prefix");
    }
    Ok(format!("{words}{name}"))
}

/// A text in double quotes, in which a shell expands nothing.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '"' | '$' | '`' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(names: &[&str], prefix: &str) -> (String, Vec<String>) {
        let cell = Cell::from("v");
        let fields: Vec<_> = names.iter().map(|name| (*name, &cell)).collect();
        lines(&fields, prefix)
    }

    #[test]
    fn names_are_variables() {
        for (name, prefix, line) in [
            ("Stack Name", "", "stack_name=\"v\"\n"),
            ("1a", "", "_1a=\"v\"\n"),
            ("1a", "x_", "x_1a=\"v\"\n"),
            ("1a", "export ", "export _1a=\"v\"\n"),
            ("1a", "export x", "export x1a=\"v\"\n"),
            ("a;b$(c)\n`d`=e", "", "a_b__c___d__e=\"v\"\n"),
            ("\u{e9}.\u{65e5}", "", "___=\"v\"\n"),
            ("PATH", "x_", "x_path=\"v\"\n"),
            ("https proxy", "x_", "x_https_proxy=\"v\"\n"),
        ] {
            assert_eq!(
                written(&[name], prefix),
                (line.to_owned(), vec![]),
                "{name}"
            );
        }
    }

    #[test]
    fn what_would_do_harm_is_left_out() {
        for (names, prefix, line) in [
            (&[""][..], "", ""),
            (&[""], "path", ""),
            (&["https_proxy", "NO-PROXY", "Path", "prompt"], "", ""),
            (&["proxy"], "http_", ""),
            (&["path"], "export ", ""),
            (&["a-b", "a:b", "A B"], "", "a_b=\"v\"\n"),
        ] {
            let (lines, left_out) = written(names, prefix);
            assert_eq!(lines, line, "{names:?}");
            assert_eq!(
                left_out.len(),
                names.len() - lines.lines().count(),
                "{left_out:?}"
            );
        }
        let (_, left_out) = written(&["a\nb", "a b"], "");
        assert_eq!(
            left_out,
            [r#""a b" is left out of the variables: another field has the same variable"#]
        );
    }
}

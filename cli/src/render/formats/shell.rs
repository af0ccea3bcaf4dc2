//! Lines of `name="value"` that a shell evaluates. Names and values come from a server: none of them may run as a
//! command or change what the shell or the programs after it do.

use std::collections::HashSet;

use super::Cell;

/// Lower-case variables that shells or programs use, sorted. In zsh `path` and similar names are aliases of `PATH` and
/// so on, `prompt` is expanded each time it is shown, and an assignment to `functions` and others ends the script.
const RESERVED: [&str; 66] = [
    "aliases",
    "all_proxy",
    "argv",
    "auto_resume",
    "builtins",
    "cdpath",
    "commands",
    "dirstack",
    "dis_aliases",
    "dis_builtins",
    "dis_functions",
    "dis_functions_source",
    "dis_galiases",
    "dis_patchars",
    "dis_reswords",
    "dis_saliases",
    "epochtime",
    "errnos",
    "fignore",
    "fpath",
    "ftp_proxy",
    "funcfiletrace",
    "funcsourcetrace",
    "funcstack",
    "functions",
    "functions_source",
    "functrace",
    "galiases",
    "histchars",
    "history",
    "historywords",
    "http_proxy",
    "https_proxy",
    "jobdirs",
    "jobstates",
    "jobtexts",
    "keymaps",
    "langinfo",
    "mailpath",
    "manpath",
    "mapfile",
    "module_path",
    "modules",
    "nameddirs",
    "no_proxy",
    "patchars",
    "path",
    "pipestatus",
    "prompt",
    "psvar",
    "reswords",
    "saliases",
    "signals",
    "sysparams",
    "termcap",
    "terminfo",
    "userdirs",
    "usergroups",
    "watch",
    "widgets",
    "zcurses_attrs",
    "zcurses_colors",
    "zcurses_keycodes",
    "zcurses_windows",
    "zsh_eval_context",
    "zsh_scheduled_events",
];

/// Variables that are read-only in zsh. They are also columns of the Python tools that scripts rely on.
const COLUMNS: [&str; 3] = ["parameters", "status", "options"];

/// The fields whose variables are asked for: all if none is named.
pub(super) fn chosen<'a>(
    mut fields: Vec<(&'a str, &'a Cell)>,
    variables: &[String],
) -> Vec<(&'a str, &'a Cell)> {
    let is_chosen = |name: &str| {
        let variable = name.to_lowercase().replace(' ', "_");
        variables.is_empty() || variables.contains(&variable)
    };
    fields.retain(|(name, _)| is_chosen(name));
    fields
}

/// The lines, and a warning for each omitted field. `foreign` means that the names come from a server.
pub(super) fn lines(
    fields: &[(&str, &Cell)],
    prefix: &str,
    foreign: bool,
) -> (String, Vec<String>) {
    let (mut out, mut left_out) = (String::new(), Vec::new());
    let mut names = HashSet::new();
    for (field, cell) in fields {
        let name = match variable(field, prefix, foreign) {
            Ok(name) if names.contains(&name) => Err("another field has the same variable name"),
            other => other,
        };
        match name {
            Ok(name) => {
                out.push_str(&format!("{name}=\"{}\"\n", quoted(&cell.machine_text())));
                names.insert(name);
            }
            Err(why) => left_out.push(format!("field {field:?} is omitted: {why}")),
        }
    }
    (out, left_out)
}

/// The variable name of a field: the prefix, then lower-case letters, digits and underscores.
fn variable(field: &str, prefix: &str, foreign: bool) -> Result<String, &'static str> {
    if field.is_empty() {
        return Err("it has no name");
    }
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let mut name: String = field.to_lowercase().chars().map(plain).collect();
    // The prefix is trusted. It may contain a word before the name, such as `export `.
    let (words, start) = match prefix.rfind(char::is_whitespace) {
        Some(blank) => prefix.split_at_checked(blank + 1).unwrap_or((prefix, "")),
        None => ("", prefix),
    };
    if start.is_empty() && name.starts_with(|c: char| c.is_ascii_digit()) {
        name.insert(0, '_');
    }
    name.insert_str(0, start);
    let is_column = COLUMNS.contains(&name.as_str());
    if RESERVED.binary_search(&name.as_str()).is_ok() || (foreign && is_column) {
        return Err("shells or programs use a variable of this name; use --prefix");
    }
    Ok(format!("{words}{name}"))
}

/// Escapes a text for double quotes, so that a shell expands nothing in it.
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
        lines(&fields, prefix, true)
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
    fn the_tools_own_columns_keep_their_names() {
        let cell = Cell::from("v");
        let fields = [("parameters", &cell), ("status", &cell), ("options", &cell)];
        let (lines, left_out) = lines(&fields, "", false);
        let expected = "parameters=\"v\"\nstatus=\"v\"\noptions=\"v\"\n";
        assert_eq!((lines.as_str(), left_out.len()), (expected, 0));
    }

    #[test]
    fn variables_of_programs_are_sorted() {
        assert!(RESERVED.is_sorted());
    }

    #[test]
    fn dangerous_variables_are_omitted() {
        for (names, prefix, line) in [
            (&[""][..], "", ""),
            (&[""], "path", ""),
            (&["https_proxy", "NO-PROXY", "Path", "prompt"], "", ""),
            (&["status", "Functions", "dis_builtins", "signals"], "", ""),
            (&["parameters", "widgets", "zsh-eval-context"], "", ""),
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
            [r#"field "a b" is omitted: another field has the same variable name"#]
        );
    }
}

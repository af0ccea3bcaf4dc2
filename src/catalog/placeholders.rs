//! Replaces placeholders in endpoint URLs, such as `%(project_id)s`, by ids.

use std::borrow::Cow;

use crate::uri;

/// The ids of a token that replace placeholders.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Ids<'a> {
    pub(crate) project: Option<&'a str>,
    pub(crate) user: Option<&'a str>,
}

/// Whether a URL contains placeholders, including unknown ones.
pub(crate) fn is_template(url: &str) -> bool {
    next(url).is_some()
}

/// Replaces `%(project_id)s`, `%(tenant_id)s`, `%(user_id)s` and the same names in `$(…)s` by ids.
///
/// keystoneauth supports them in `endpoint_override`, Keystone in catalogs.
///
/// # Errors
/// The reason why a placeholder cannot be replaced, as the end of a message.
pub(crate) fn expand<'a>(url: &'a str, ids: Ids<'_>) -> Result<Cow<'a, str>, String> {
    let Some(mut at) = next(url) else {
        return Ok(Cow::Borrowed(url));
    };
    let mut expanded = String::with_capacity(url.len());
    let mut rest = url;
    loop {
        let (before, placeholder) = rest.split_at_checked(at).unwrap_or((rest, ""));
        expanded.push_str(before);
        let end = placeholder.find(')');
        let parts = end.and_then(|end| placeholder.split_at_checked(end));
        let Some((start, after)) = parts.filter(|(_, after)| after.starts_with(")s")) else {
            let start = shown(placeholder);
            return Err(format!("the placeholder {start} does not end in )s"));
        };
        let name = start.get(2..).unwrap_or_default();
        let (id, what) = match name {
            "project_id" | "tenant_id" => (ids.project, "project"),
            "user_id" => (ids.user, "user"),
            _ => {
                return Err(format!(
                    "unknown placeholder {})s; expected %(project_id)s, %(tenant_id)s or %(user_id)s",
                    shown(start)
                ));
            }
        };
        let Some(id) = id else {
            return Err(format!(
                "the token has no {what} id for the placeholder {start})s; log in to Keystone with a {what}, \
                 or write the id in the URL"
            ));
        };
        expanded.extend(uri::segment(id));
        rest = after.get(2..).unwrap_or_default();
        match next(rest) {
            Some(following) => at = following,
            None => {
                expanded.push_str(rest);
                return Ok(Cow::Owned(expanded));
            }
        }
    }
}

/// The position of the next placeholder.
fn next(text: &str) -> Option<usize> {
    let signs = text.match_indices(['%', '$']);
    let mut starts = signs.map(|(at, _)| at);
    starts.find(|at| text.as_bytes().get(at + 1) == Some(&b'('))
}

/// The first characters of a text from outside, which may be long.
fn shown(text: &str) -> String {
    text.chars().take(40).flat_map(char::escape_debug).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDS: Ids<'static> = Ids {
        project: Some("p1"),
        user: Some("u/1"),
    };

    #[test]
    fn placeholders_become_ids() {
        for (url, expected) in [
            ("http://h/v1/p", "http://h/v1/p"),
            ("http://h/%7Ea/100%", "http://h/%7Ea/100%"),
            ("http://h/v1/%(project_id)s", "http://h/v1/p1"),
            ("http://h/v1/%(tenant_id)s/", "http://h/v1/p1/"),
            ("http://h/v1/$(project_id)s", "http://h/v1/p1"),
            ("http://h/v1/AUTH_$(tenant_id)s", "http://h/v1/AUTH_p1"),
            (
                "http://h/%7E/%(user_id)s/%(project_id)s?q",
                "http://h/%7E/u%2F1/p1?q",
            ),
        ] {
            assert_eq!(expand(url, IDS).unwrap(), expected);
            assert_eq!(is_template(url), url != expected, "{url}");
        }
    }

    #[test]
    fn other_placeholders_are_refused_by_name() {
        let nobody = Ids::default();
        for (url, ids, named) in [
            ("http://h/%(region)s", IDS, "unknown placeholder %(region)s"),
            ("http://h/$()s", IDS, "unknown placeholder $()s"),
            (
                "http://h/%(project_id)",
                IDS,
                "the placeholder %(project_id) does not end in )s",
            ),
            (
                "http://h/$(project_id",
                IDS,
                "the placeholder $(project_id does not end in )s",
            ),
            (
                "http://h/%(project_id)d",
                IDS,
                "%(project_id)d does not end in )s",
            ),
            (
                "http://h/%(tenant_id)s",
                nobody,
                "no project id for the placeholder %(tenant_id)s",
            ),
            (
                "http://h/%(user_id)s",
                nobody,
                "no user id for the placeholder %(user_id)s",
            ),
        ] {
            let why = expand(url, ids).unwrap_err();
            assert!(why.contains(named), "{url}: {why}");
        }
    }
}

//! Suggestions for mistyped names.

/// Longer names are not compared, since the time is proportional to the product of both lengths.
const LONGEST: usize = 64;

/// Returns up to three of `names` that are similar to `typed`, nearest first.
pub(crate) fn nearest<'a>(typed: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    if typed.len() > LONGEST {
        return Vec::new();
    }
    let typed = typed.replace('-', "_").to_lowercase();
    let length = typed.chars().count();
    // A name of one letter must not match every other one.
    let within = (length / 3).clamp(1, 3).min(length.saturating_sub(1));
    let mut near: Vec<_> = names
        .into_iter()
        .filter(|name| name.len() <= LONGEST)
        .map(|name| (name.to_lowercase(), name))
        .map(|(lower, name)| (distance(&typed, &lower), lower, name))
        .filter(|(distance, lower, _)| {
            *distance <= within
                || typed.len() > 3 && (lower.contains(&typed) || typed.contains(lower))
        })
        .map(|(distance, _, name)| (distance, name))
        .collect();
    near.sort_unstable();
    near.dedup();
    near.into_iter().take(3).map(|(_, name)| name).collect()
}

/// Joins texts for a message: `a, b, c`. Long lists and long texts are cut.
pub(crate) fn listed<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> String {
    const MOST: usize = 10;
    let mut texts = texts.into_iter();
    let mut list = String::new();
    for text in texts.by_ref().take(MOST) {
        if !list.is_empty() {
            list.push_str(", ");
        }
        let text = text.as_ref();
        match text.char_indices().nth(LONGEST) {
            Some((end, _)) => {
                list.push_str(text.get(..end).unwrap_or_default());
                list.push('…');
            }
            None => list.push_str(text),
        }
    }
    match texts.count() {
        0 => list,
        more => format!("{list} and {more} more"),
    }
}

/// The Levenshtein distance, computed with one row of the matrix.
pub(crate) fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, y) in row
            .iter_mut()
            .zip(std::iter::once(None).chain(b.iter().map(Some)))
        {
            let Some(y) = y else {
                diagonal = *cell;
                *cell = left;
                continue;
            };
            let above = *cell;
            left = (diagonal + usize::from(x != *y))
                .min(above + 1)
                .min(left + 1);
            diagonal = above;
            *cell = left;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        for (a, b, expected) in [
            ("", "", 0),
            ("", "abc", 3),
            ("abc", "", 3),
            ("kitten", "sitting", 3),
            ("password", "pasword", 1),
            ("flaw", "lawn", 2),
            ("é", "e", 1),
        ] {
            assert_eq!(distance(a, b), expected, "{a} {b}");
            assert_eq!(distance(b, a), expected, "{b} {a}");
        }
    }

    #[test]
    fn slips_are_understood() {
        let names = [
            "password",
            "v3password",
            "token",
            "v3token",
            "none",
            "admin_token",
        ];
        for (typed, expected) in [
            ("pasword", &["password"][..]),
            ("Password", &["password", "v3password"]),
            ("admin-tokn", &["admin_token"]),
            ("v2password", &["v3password", "password"]),
            ("nope", &["none"]),
            ("tok", &[]),
            ("toke", &["token", "v3token", "admin_token"]),
            ("v3tokenx", &["v3token", "token"]),
            ("kerberos", &[]),
            ("", &[]),
        ] {
            assert_eq!(nearest(typed, names), expected, "{typed}");
        }
    }
}

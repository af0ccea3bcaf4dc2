//! Shell patterns for names: `*`, `?`, `[abc]`, `[a-z]`, `[!abc]`. Case matters.

/// Whether the whole name matches the pattern, as Python's `fnmatchcase` decides.
pub(crate) fn matches(pattern: &str, name: &str) -> bool {
    let pattern = parse(pattern);
    let name: Vec<char> = name.chars().collect();
    let (mut at, mut read) = (0, 0);
    // Where to continue when the last star takes one more character.
    let mut star: Option<(usize, usize)> = None;
    loop {
        match (pattern.get(at), name.get(read)) {
            (Some(Token::Star), _) => {
                at += 1;
                star = Some((at, read));
            }
            (Some(token), Some(c)) if token.accepts(*c) => {
                at += 1;
                read += 1;
            }
            (None, None) => return true,
            _ => match star {
                Some((after, taken)) if taken < name.len() => {
                    star = Some((after, taken + 1));
                    at = after;
                    read = taken + 1;
                }
                _ => return false,
            },
        }
    }
}

enum Token {
    Star,
    Question,
    Literal(char),
    Class {
        is_negated: bool,
        ranges: Vec<(char, char)>,
    },
}

impl Token {
    fn accepts(&self, c: char) -> bool {
        match self {
            Self::Star | Self::Question => true,
            Self::Literal(literal) => *literal == c,
            Self::Class { is_negated, ranges } => {
                let is_in = |(first, last): &(char, char)| (*first..=*last).contains(&c);
                ranges.iter().any(is_in) != *is_negated
            }
        }
    }
}

fn parse(pattern: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = pattern.chars();
    while let Some(c) = rest.next() {
        tokens.push(match c {
            '*' => Token::Star,
            '?' => Token::Question,
            '[' => match class(rest.as_str()) {
                Some((token, after)) => {
                    rest = after.chars();
                    token
                }
                // Without its end, the bracket is an ordinary character.
                None => Token::Literal(c),
            },
            _ => Token::Literal(c),
        });
    }
    tokens
}

/// Reads a class after its opening bracket. Returns the text after it.
fn class(text: &str) -> Option<(Token, &str)> {
    let is_negated = text.starts_with('!');
    let members = text.strip_prefix('!').unwrap_or(text);
    // A bracket directly at the beginning is a member.
    let from = usize::from(members.starts_with(']'));
    let end = members.get(from..)?.find(']')? + from;
    let (members, rest) = (members.get(..end)?, members.get(end + 1..)?);
    let mut ranges = Vec::new();
    let mut members = members.chars().peekable();
    while let Some(first) = members.next() {
        let mut ahead = members.clone();
        match (ahead.next(), ahead.next()) {
            (Some('-'), Some(last)) => {
                ranges.push((first, last));
                members = ahead;
            }
            _ => ranges.push((first, first)),
        }
    }
    Some((Token::Class { is_negated, ranges }, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_in_python() {
        // Expected: the results of Python's fnmatch.fnmatchcase.
        for (pattern, name, expected) in [
            ("web", "web", true),
            ("web", "Web", false),
            ("web", "webs", false),
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("w*b", "web", true),
            ("*_suffix", "a_suffix", true),
            ("a*b*c", "axxbyybzc", true),
            ("a*b*c", "axxbyybz", false),
            ("**", "x", true),
            ("?", "é", true),
            ("?", "", false),
            ("server-[0-9]", "server-7", true),
            ("server-[0-9]", "server-x", false),
            ("[!a]", "b", true),
            ("[!a]", "a", false),
            ("[]]", "]", true),
            ("[!]]", "a", true),
            ("[a-]", "-", true),
            ("[-a]", "-", true),
            ("[", "[", true),
            ("[]", "[]", true),
            ("a[b", "a[b", true),
            ("[[]x]", "[x]", true),
            ("[z-a]", "m", false),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern:?} {name:?}");
        }
    }

    #[test]
    fn many_stars_take_no_longer() {
        let (pattern, name) = ("a*".repeat(200) + "b", "a".repeat(2000));
        assert!(!matches(&pattern, &name));
    }
}

//! What functions make of values that are written out.

use super::functions::URL;
use super::language::{Ground, Language};
use super::reference::Reach;
use super::shape;
use crate::yaml::{Content, Mark, Node};

/// What is wrong with an argument, and how far Heat has to go to notice.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) reach: Reach,
    pub(super) at: Mark,
    pub(super) message: String,
}

impl Fault {
    fn at(mut self, reach: Reach) -> Self {
        self.reach = reach;
        self
    }
}

/// What is wrong with the arguments of a function although their form is right.
pub(super) fn fault(language: Language, name: &str, value: &Node) -> Option<Fault> {
    let checks = Checks { language, name };
    let argument = format!("the argument of `{name}`");
    let items = value.as_sequence();
    match name {
        "get_file" => checks.text(&argument, value),
        "get_resource" => checks.resource(&argument, value),
        "Ref" => match value.content {
            Content::Null | Content::Bool(_) | Content::Number(_) => {
                wrong(&argument, value, "a name")
            }
            _ => None,
        },
        "get_attr" | "Fn::GetAtt" => checks.attribute(items?),
        "list_join" | "Fn::Join" => checks.join(items?),
        "str_replace" | "str_replace_strict" | "str_replace_vstrict" => {
            checks.replace(value.get("params")?, value.get("template")?)
        }
        "Fn::Replace" => match items? {
            [params, template] => checks.replace(params, template),
            _ => None,
        },
        "Fn::MemberListToMap" => {
            let what = format!("a name that `{name}` has");
            let names = items?.iter().take(2);
            let mut wrong = names.filter(|node| node.as_text().is_none());
            let fault = self::wrong(&what, wrong.next()?, "a text")?;
            Some(fault.at(Reach::Parsed))
        }
        "repeat" => {
            let each = value.get("for_each")?;
            let lists = each.as_mapping().filter(|_| !checks.is_call(each));
            let mut lists = lists.into_iter().flat_map(|lists| lists.values());
            let item = format!("an item of `for_each` of `{name}`");
            let fault = mapping(&format!("`for_each` of `{name}`"), each);
            let fault = fault.map(|fault| fault.at(Reach::Validated));
            fault.or_else(|| lists.find_map(|member| list(&item, &member.value)))
        }
        "map_merge" | "list_concat" | "list_concat_unique" => list(&argument, value),
        "str_split" => match &value.content {
            Content::Mapping(_) if checks.is_call(value) => None,
            Content::Sequence(items) if items.len() > 1 => None,
            content => {
                let fault = wrong(&argument, value, "a list of a delimiter and a text")?;
                Some(match content {
                    Content::Text(_) | Content::Mapping(_) => fault.at(Reach::Parsed),
                    _ => fault,
                })
            }
        },
        "make_url" => checks.url(value),
        _ => None,
    }
}

struct Checks<'a> {
    language: Language,
    name: &'a str,
}

impl Checks<'_> {
    fn is_call(&self, node: &Node) -> bool {
        shape::call(self.language, Ground::Value, node).is_some()
    }

    /// A text, or a function that may give one.
    fn text(&self, what: &str, node: &Node) -> Option<Fault> {
        match node.content {
            Content::Text(_) => None,
            Content::Mapping(_) if self.is_call(node) => None,
            _ => wrong(what, node, "a text"),
        }
    }

    fn resource(&self, what: &str, node: &Node) -> Option<Fault> {
        match node.content {
            Content::Text(_) => None,
            Content::Mapping(_) if self.is_call(node) => None,
            _ => wrong(what, node, "the name of a resource"),
        }
    }

    /// A resource, and one of its attributes unless all of them are meant.
    fn attribute(&self, arguments: &[Node]) -> Option<Fault> {
        let (resource, path) = arguments.split_first()?;
        let what = format!("the first argument of `{}`", self.name);
        let fault = self.resource(&what, resource).or_else(|| {
            let may_be_null = self.language.may_leave_out_attribute();
            let attribute = path
                .first()
                .filter(|node| !(may_be_null && node.is_null()))?;
            let what = format!("the second argument of `{}`", self.name);
            self.text(&what, attribute)
        });
        fault.map(|fault| fault.at(Reach::Validated))
    }

    fn replace(&self, params: &Node, template: &Node) -> Option<Fault> {
        let name = self.name;
        let fault = mapping(&format!("`params` of `{name}`"), params);
        let fault = fault.map(|fault| fault.at(Reach::Parsed));
        fault.or_else(|| self.text(&format!("`template` of `{name}`"), template))
    }

    fn join(&self, arguments: &[Node]) -> Option<Fault> {
        let (name, (delimiter, lists)) = (self.name, arguments.split_first()?);
        let of = format!("the delimiter of `{name}`");
        self.text(&of, delimiter).or_else(|| {
            lists.iter().find_map(|node| {
                let of = format!("what `{name}` joins");
                let items = node.as_sequence().unwrap_or_default();
                let scalar =
                    |item: &&Node| matches!(item.content, Content::Number(_) | Content::Bool(_));
                list(&of, node).or_else(|| {
                    let item = items.iter().find(scalar)?;
                    wrong(&format!("an item of `{name}`"), item, "a text in quotes")
                })
            })
        })
    }

    /// The parts of a URL. Heat looks at them in this order, and at none after the query.
    fn url(&self, value: &Node) -> Option<Fault> {
        let fault = URL.iter().find_map(|key| {
            let part = value.get(key).filter(|part| !self.is_call(part))?;
            let what = format!("`{key}` of `{}`", self.name);
            match *key {
                "port" => port(&what, part),
                "query" => mapping(&what, part),
                "fragment" if value.get("query").is_some() => None,
                _ => self.text(&what, part),
            }
        });
        fault.map(|fault| fault.at(Reach::Validated))
    }
}

fn port(what: &str, node: &Node) -> Option<Fault> {
    let number = match &node.content {
        Content::Bool(value) => Some(f64::from(u8::from(*value))),
        Content::Number(number) => number.parse().ok(),
        Content::Text(text) => text.trim().parse::<u16>().ok().map(f64::from),
        _ => None,
    };
    match number {
        Some(number) if (1.0..65536.0).contains(&number) => None,
        _ => wrong(what, node, "a number from 1 to 65535"),
    }
}

/// A list, a mapping, or nothing at all; a function may give one.
fn list(what: &str, node: &Node) -> Option<Fault> {
    match &node.content {
        Content::Text(text) if text.is_empty() => None,
        Content::Text(_) | Content::Number(_) | Content::Bool(_) => wrong(what, node, "a list"),
        _ => None,
    }
}

fn mapping(what: &str, node: &Node) -> Option<Fault> {
    match node.content {
        Content::Mapping(_) => None,
        _ => wrong(what, node, "a mapping"),
    }
}

fn wrong(what: &str, node: &Node, needed: &str) -> Option<Fault> {
    let kind = node.kind();
    Some(Fault {
        reach: Reach::Resolved,
        at: node.start,
        message: format!("{what} is {kind}; {needed} is needed"),
    })
}

//! Checks the literal arguments of functions.

use super::functions::URL;
use super::language::{Context, Language};
use super::reference::Stage;
use super::shape;
use crate::yaml::{Content, Mark, Node};

/// A fault of an argument, and the stage at which Heat finds it.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) stage: Stage,
    pub(super) at: Mark,
    pub(super) message: String,
}

impl Fault {
    fn at(mut self, stage: Stage) -> Self {
        self.stage = stage;
        self
    }
}

/// The fault of arguments whose form is right.
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
            let what = format!("a name of `{name}`");
            let names = items?.iter().take(2);
            let mut wrong = names.filter(|node| node.as_text().is_none());
            let fault = self::wrong(&what, wrong.next()?, "a string")?;
            Some(fault.at(Stage::Parsed))
        }
        "repeat" => {
            let each = value.get("for_each")?;
            let lists = each.as_mapping().filter(|_| !checks.is_call(each));
            let mut lists = lists.into_iter().flat_map(|lists| lists.values());
            let item = format!("an item of `for_each` of `{name}`");
            let fault = mapping(&format!("`for_each` of `{name}`"), each);
            let fault = fault.map(|fault| fault.at(Stage::Validated));
            fault.or_else(|| lists.find_map(|member| list(&item, &member.value)))
        }
        "map_merge" | "list_concat" | "list_concat_unique" => list(&argument, value),
        "str_split" => match &value.content {
            Content::Mapping(_) if checks.is_call(value) => None,
            Content::Sequence(items) if items.len() > 1 => None,
            content => {
                let fault = wrong(&argument, value, "a list of a delimiter and a string")?;
                Some(match content {
                    Content::Text(_) | Content::Mapping(_) => fault.at(Stage::Parsed),
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
        shape::call(self.language, Context::Value, node).is_some()
    }

    /// A string, or a function that may return one.
    fn text(&self, what: &str, node: &Node) -> Option<Fault> {
        match node.content {
            Content::Text(_) => None,
            Content::Mapping(_) if self.is_call(node) => None,
            _ => wrong(what, node, "a string"),
        }
    }

    fn resource(&self, what: &str, node: &Node) -> Option<Fault> {
        match node.content {
            Content::Text(_) => None,
            Content::Mapping(_) if self.is_call(node) => None,
            _ => wrong(what, node, "the name of a resource"),
        }
    }

    /// A resource, and an attribute unless all attributes are requested.
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
        fault.map(|fault| fault.at(Stage::Validated))
    }

    fn replace(&self, params: &Node, template: &Node) -> Option<Fault> {
        let name = self.name;
        let fault = mapping(&format!("`params` of `{name}`"), params);
        let fault = fault.map(|fault| fault.at(Stage::Parsed));
        fault.or_else(|| self.text(&format!("`template` of `{name}`"), template))
    }

    fn join(&self, arguments: &[Node]) -> Option<Fault> {
        let (name, (delimiter, lists)) = (self.name, arguments.split_first()?);
        let of = format!("the delimiter of `{name}`");
        self.text(&of, delimiter).or_else(|| {
            lists.iter().find_map(|node| {
                let of = format!("a joined value of `{name}`");
                let items = node.as_sequence().unwrap_or_default();
                let scalar =
                    |item: &&Node| matches!(item.content, Content::Number(_) | Content::Bool(_));
                list(&of, node).or_else(|| {
                    let item = items.iter().find(scalar)?;
                    wrong(&format!("an item of `{name}`"), item, "a quoted string")
                })
            })
        })
    }

    /// The parts of a URL. Heat checks them in this order. With a query, it does not check the fragment.
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
        fault.map(|fault| fault.at(Stage::Validated))
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

/// A list, a mapping (which may be a function that returns a list), or null.
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
        stage: Stage::Resolved,
        at: node.start,
        message: format!("{what} is {kind}; expected {needed}"),
    })
}

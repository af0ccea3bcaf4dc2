//! What is not compared: forms of a request that mean the same to Heat, each with its reason.

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::server::Sent;

/// Brings both sides to the same form.
pub(super) struct Rule {
    pub(super) what: &'static str,
    pub(super) apply: fn(&mut Vec<Sent>),
}

/// All rules, in the order in which they apply.
pub(super) static RULES: &[Rule] = &[
    Rule {
        what: "Requests that Heat redirects. python-heatclient sends a write by name twice, with its body, and looks \
               the stack up before each request below it. Ours looks it up once, and not at all if it knows name and id.",
        apply: |requests| requests.retain(|sent| sent.status != 302),
    },
    Rule {
        what: "The last, empty page. python-heatclient asks on until a page is empty, ours until there is no link to a \
               further page.",
        apply: |requests| requests.retain(|sent| !sent.empty),
    },
    Rule {
        what: "Percent-encoding of characters that need none in a path, such as `:`.",
        apply: |requests| each(requests, |sent| sent.path = encoded(&sent.path)),
    },
    Rule {
        what: "`True` and `true` in a query: Heat accepts any case.",
        apply: |requests| {
            each(requests, |sent| {
                for (_, value) in &mut sent.query {
                    if ["true", "false"]
                        .iter()
                        .any(|word| value.eq_ignore_ascii_case(word))
                    {
                        value.make_ascii_lowercase();
                    }
                }
            });
        },
    },
    Rule {
        what: "Flags that python-heatclient sends although they are off, which is Heat's default.",
        apply: |requests| {
            each(requests, |sent| {
                let is_default = |(key, value): &(String, String)| {
                    ["with_description", "with_condition_func"].contains(&&**key)
                        && value == "false"
                };
                sent.query.retain(|pair| !is_default(pair));
            });
        },
    },
    Rule {
        what: "`with_description` of a single resource type: Heat does not read it there.",
        apply: |requests| {
            each(requests, |sent| {
                if sent.path.starts_with("/resource_types/") {
                    sent.query.retain(|(key, _)| key != "with_description");
                }
            });
        },
    },
    Rule {
        what: "`template_type=cfn`, which is Heat's default.",
        apply: |requests| {
            each(requests, |sent| {
                sent.query
                    .retain(|pair| *pair != pair_of("template_type", "cfn"))
            })
        },
    },
    Rule {
        what: "`sort_dir=asc` of events. Ours always sends a direction and lists the oldest events first; without it \
               the order depends on Heat.",
        apply: |requests| {
            each(requests, |sent| {
                if sent.path.ends_with("/events") {
                    sent.query
                        .retain(|pair| *pair != pair_of("sort_dir", "asc"));
                }
            });
        },
    },
    Rule {
        what: "Keys of a body without content: `{}`, `[]` and null mean the same to Heat as no key.",
        apply: |requests| {
            each(requests, |sent| {
                if let Some(Value::Object(body)) = &mut sent.body {
                    // The value of an action is null, and a signal has any data.
                    if !sent.path.ends_with("/actions") && !sent.path.ends_with("/signal") {
                        body.retain(|_, value| !is_empty(value));
                    }
                }
            });
        },
    },
    Rule {
        what: "`group: Heat::Ungrouped` of a config and `status: IN_PROGRESS` of a deployment, the defaults of \
               python-heatclient's commands, which ours always sends.",
        apply: |requests| {
            each(requests, |sent| {
                let (key, default) = match &*sent.path {
                    "/software_configs" => ("group", "Heat::Ungrouped"),
                    "/software_deployments" => ("status", "IN_PROGRESS"),
                    _ => return,
                };
                if let Some(Value::Object(body)) = &mut sent.body {
                    body.retain(|name, value| name != key || value != default);
                }
            });
        },
    },
    Rule {
        what: "`disable_rollback: true` of a new stack, Heat's default, which ours always sends.",
        apply: |requests| {
            each(requests, |sent| {
                let is_new = ["/stacks", "/stacks/preview"].contains(&&*sent.path);
                if let (true, Some(Value::Object(body))) = (is_new, &mut sent.body) {
                    body.retain(|key, value| {
                        key != "disable_rollback" || *value != Value::Bool(true)
                    });
                }
            });
        },
    },
    Rule {
        what: "The spaces in the JSON text of the data to adopt.",
        apply: |requests| {
            each(requests, |sent| {
                let data = sent
                    .body
                    .as_mut()
                    .and_then(|body| body.get_mut("adopt_stack_data"));
                if let Some(data) = data
                    && let Some(text) = data.as_str()
                {
                    *data = serde_json::from_str(text).unwrap();
                }
            });
        },
    },
];

/// The requests after all rules.
pub(super) fn applied(requests: &[Sent]) -> Vec<Sent> {
    let mut requests = requests.to_vec();
    for rule in RULES {
        (rule.apply)(&mut requests);
    }
    requests
}

fn each(requests: &mut [Sent], change: impl Fn(&mut Sent)) {
    requests.iter_mut().for_each(change);
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}

fn pair_of(key: &str, value: &str) -> (String, String) {
    (key.to_owned(), value.to_owned())
}

/// A path with only those characters encoded that need it.
fn encoded(path: &str) -> String {
    const NEEDED: &percent_encoding::AsciiSet = &percent_encoding::CONTROLS
        .add(b' ')
        .add(b'"')
        .add(b'#')
        .add(b'%')
        .add(b'/')
        .add(b'?');
    let segments = path.split('/').map(|segment| {
        let decoded = percent_decode_str(segment).decode_utf8().unwrap();
        percent_encoding::utf8_percent_encode(&decoded, NEEDED).to_string()
    });
    segments.collect::<Vec<_>>().join("/")
}

//! The cases in which we do something better on purpose.

use heatclient::ErrorKind;

use super::calls::Outcome;
use super::server::{ID, Sent};

/// A case in which python-heatclient has a defect, and what is better here.
pub(super) struct Difference {
    pub(super) case: &'static str,
    /// The number of the defect in the project's list.
    pub(super) defect: &'static str,
    expected: Expected,
}

enum Expected {
    /// The call succeeds, with these requests.
    Sends(&'static [&'static str]),
    /// Nothing is sent, and the error says this.
    Refuses(&'static str),
}
use Expected::{Refuses, Sends};

const fn difference(case: &'static str, defect: &'static str, expected: Expected) -> Difference {
    Difference {
        case,
        defect,
        expected,
    }
}

/// All differences. Every other case must be equal. `S` is the path of the stack `web` with its id.
pub(super) static DIFFERENCES: &[Difference] = &[
    // python-heatclient shows the stack `odd`, and the stack `odd name`.
    difference(
        "stacks.get/question-mark",
        "B-34",
        Sends(&["GET /stacks/odd%3Fname/ID"]),
    ),
    difference(
        "stacks.get/hash",
        "B-34",
        Sends(&["GET /stacks/odd%23name/ID"]),
    ),
    difference(
        "stacks.get/percent",
        "B-34",
        Sends(&["GET /stacks/odd%2520name/ID"]),
    ),
    // python-heatclient shows the output `a`, finds no path, or asks for a name that Heat decodes.
    difference(
        "stacks.output_show/question-mark",
        "B-34",
        Sends(&["GET S/outputs/a%3Fb"]),
    ),
    difference(
        "stacks.output_show/hash",
        "B-34",
        Sends(&["GET S/outputs/a%23b"]),
    ),
    difference(
        "stacks.output_show/percent",
        "B-34",
        Sends(&["GET S/outputs/a%252Fb"]),
    ),
    difference(
        "stacks.snapshot_show/question-mark",
        "B-34",
        Sends(&["GET S/snapshots/a%3Fb"]),
    ),
    difference(
        "software_configs.get/slash",
        "B-34",
        Sends(&["GET /software_configs/a%2Fb"]),
    ),
    difference(
        "software_configs.get/question-mark",
        "B-34",
        Sends(&["GET /software_configs/a%3Fb"]),
    ),
    difference(
        "software_configs.delete/slash",
        "B-34",
        Sends(&["DELETE /software_configs/a%2Fb"]),
    ),
    difference(
        "software_configs.delete/question-mark",
        "B-34",
        Sends(&["DELETE /software_configs/a%3Fb"]),
    ),
    difference(
        "software_deployments.get/slash",
        "B-34",
        Sends(&["GET /software_deployments/a%2Fb"]),
    ),
    difference(
        "software_deployments.get/question-mark",
        "B-34",
        Sends(&["GET /software_deployments/a%3Fb"]),
    ),
    difference(
        "software_deployments.delete/slash",
        "B-34",
        Sends(&["DELETE /software_deployments/a%2Fb"]),
    ),
    difference(
        "software_deployments.delete/question-mark",
        "B-34",
        Sends(&["DELETE /software_deployments/a%3Fb"]),
    ),
    difference(
        "resource_types.get/slash",
        "B-34",
        Sends(&["GET /resource_types/file:%2F%2F%2Ft.yaml"]),
    ),
    // Heat finds neither a slash nor a name beyond ASCII by the path. Ours finds it in the whole.
    difference("stacks.output_show/slash", "B-34", Sends(&["GET S"])),
    difference("stacks.output_show/beyond-ascii", "B-34", Sends(&["GET S"])),
    difference(
        "resources.get/slash",
        "B-34",
        Sends(&["GET S/resources?name=a/b&with_detail=true"]),
    ),
    difference(
        "resources.get/beyond-ascii",
        "B-34",
        Sends(&["GET S/resources?name=größe&with_detail=true"]),
    ),
    difference(
        "events.list/resource-with-slash",
        "B-34",
        Sends(&["GET S/events?resource_name=a/b"]),
    ),
    // The plugin calls `create` with a key that Heat does not read.
    difference(
        "stacks.create/adopt-timeout",
        "B-06",
        Sends(&[r#"POST /stacks {"stack_name":"web","adopt_stack_data":ADOPT,"timeout_mins":30}"#]),
    ),
    // Ours exports the data first, which would otherwise be lost with the answer.
    difference("stacks.abandon/name", "B-07", ABANDONS),
    difference("stacks.abandon/id", "B-07", ABANDONS),
    difference("stacks.abandon/both", "B-07", ABANDONS),
    // Heat takes an empty text for one empty tag. A `PUT` without tags removes them, a `PATCH` cannot.
    difference(
        "stacks.update/clear-tags",
        "B-17",
        Sends(&[r#"PUT S {"template":TEMPLATE}"#]),
    ),
    difference(
        "stacks.update/existing-clear-tags",
        "B-17",
        Refuses(
            "update stack \"web\": Heat cannot remove all tags in an update of the existing template (PATCH); \
             send the template too (PUT), or set at least one tag",
        ),
    ),
    // A timeout of zero is an error, and not dropped as by the plugin.
    difference(
        "stacks.create/timeout-of-zero",
        "B-17",
        Refuses(r#"create stack "web": invalid timeout of zero: use at least 1 minute"#),
    ),
];

const ABANDONS: Expected = Sends(&["GET S/export", "DELETE S/abandon"]);

/// The template of the cases.
const TEMPLATE: &str = r#"{"heat_template_version":"2021-04-16","parameters":{"size":{"type":"number","default":1}},"resources":{"server":{"type":"OS::Heat::None"}}}"#;

/// The data to adopt, as the rules compare it.
const ADOPT: &str =
    r#"{"name":"web","template":{"heat_template_version":"2021-04-16"},"resources":{}}"#;

/// A request in full.
fn full(request: &str) -> String {
    let request = request.replace(" S", &format!(" /stacks/web/{ID}"));
    request
        .replace("/ID", &format!("/{ID}"))
        .replace("ADOPT", ADOPT)
        .replace("TEMPLATE", TEMPLATE)
}

impl Difference {
    /// Compares what our call did with what is expected.
    pub(super) fn check(&self, result: &Outcome, requests: &[Sent]) -> Result<(), String> {
        let sent: Vec<_> = requests.iter().map(ToString::to_string).collect();
        match (&self.expected, result) {
            (Sends(expected), Ok(_))
                if sent
                    .iter()
                    .eq(&expected.iter().map(|line| full(line)).collect::<Vec<_>>()) =>
            {
                Ok(())
            }
            (Refuses(message), Err(error)) if sent.is_empty() && error.to_string() == *message => {
                assert_eq!(error.kind(), ErrorKind::Config);
                Ok(())
            }
            (_, Ok(_)) => Err(format!("sent {sent:#?}")),
            (_, Err(error)) => Err(format!("{error:#} after {sent:#?}")),
        }
    }
}

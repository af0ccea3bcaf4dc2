//! A template and an environment, parted by a line of `%%`, packed without a look at files or servers.

#![no_main]

use std::sync::LazyLock;

use heatclient::template::Packer;
use heatclient::template::{Policy, Source};
use libfuzzer_sys::fuzz_target;
use tokio::runtime::{Builder, Runtime};

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let mut builder = Builder::new_current_thread();
    builder.enable_all().build().expect("a runtime")
});

fuzz_target!(|text: &str| {
    let (template, environment) = text.split_once("\n%%\n").unwrap_or((text, "{}"));
    // Nothing is below a file.
    let nowhere = Policy::default().within("/dev/null").remote(false);
    let packer = Packer::new()
        .template(Source::text(template))
        .environment(Source::text(environment))
        .policy(nowhere);
    match RUNTIME.block_on(packer.pack()) {
        Ok(package) => {
            let body = serde_json::to_string(&package).expect("JSON");
            assert!(body.starts_with('{'));
            package
                .warnings()
                .iter()
                .for_each(|warning| drop(warning.report()));
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            error
                .problems()
                .iter()
                .for_each(|problem| drop(problem.report()));
        }
    }
});

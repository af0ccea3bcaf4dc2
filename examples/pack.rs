//! Packs a template and environments, and prints the parts of the request, or all problems.
//!
//! `cargo run --example pack -- web.yaml production.yaml`

use std::process::ExitCode;

use heatclient::template::Packer;
use heatclient::template::{Policy, Source};

const TEMPLATE: &str = "\
heat_template_version: 2021-04-16
parameters:
  size: {type: number}
resources:
  key: {type: OS::Heat::RandomString, properties: {length: {get_param: size}}}
";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mut paths = std::env::args().skip(1);
    let template = paths.next();
    let template =
        template.map_or_else(|| Source::text(TEMPLATE).named("the example"), Source::from);
    // Read local files only.
    let packer = Packer::new()
        .policy(Policy::default().remote(false))
        .template(template);
    let packer = paths.fold(packer, Packer::environment);
    match packer.pack().await {
        Ok(package) => {
            println!("template     {}", package.template().unwrap_or_default());
            println!("environment  {}", package.environment().unwrap_or("{}"));
            for (url, content) in package.files() {
                println!("file         {url}, {} bytes", content.len());
            }
            for parameter in package.missing_parameters() {
                println!("needs        a value for {}", parameter.name);
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            for problem in error.problems() {
                eprintln!("{}", problem.report());
            }
            if error.problems().is_empty() {
                eprintln!("{error}");
            }
            ExitCode::FAILURE
        }
    }
}

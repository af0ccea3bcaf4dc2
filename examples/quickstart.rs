//! Creates, awaits and deletes a stack in the embedded sandbox. Needs no installation and no configuration.
//!
//! `cargo run --example quickstart`

use std::time::Duration;

use heatclient::heat::{Action, NewStack};
use heatclient::sandbox::Sandbox;
use heatclient::template::Packer;
use heatclient::template::Source;
use heatclient::{Client, ErrorKind, Result, Session, loading};

const TEMPLATE: &str = "
heat_template_version: 2018-08-31
parameters:
  greeting: {type: string}
resources:
  secret: {type: OS::Heat::RandomString, properties: {length: 12}}
  slow: {type: OS::Heat::TestResource, properties: {value: done, wait_secs: 1}}
outputs:
  greeting:
    value: {str_replace: {template: '$text, $suffix', params: {$text: {get_param: greeting}, $suffix: {get_attr: [slow, output]}}}}
  secret: {value: {get_attr: [secret, value]}}
";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let sandbox = Sandbox::start().await.map_err(|e| {
        heatclient::Error::new(ErrorKind::Io, "cannot start the sandbox").with_source(e)
    })?;
    let user = sandbox.credentials();

    let auth = loading::plugin_loader("password")?.load([
        ("auth_url", sandbox.auth_url()),
        ("username", user.username),
        ("password", user.password),
        ("project_name", user.project_name),
        ("user_domain_name", user.user_domain_name),
        ("project_domain_name", user.project_domain_name),
    ])?;
    println!("plugin loaded    password, for {}", sandbox.auth_url());

    let session = Session::new(auth);
    let heat = Client::new(session.clone());
    if let Some(access) = session.access().await? {
        let user = access.user_name().unwrap_or("?");
        let until = access
            .expires_at()
            .map(|t| t.to_string())
            .unwrap_or_default();
        println!("token obtained   for {user}, valid until {until}");
    }
    println!("endpoint found   {}", heat.adapter().endpoint().await?);

    let package = Packer::new()
        .template(Source::text(TEMPLATE))
        .pack()
        .await?;
    let new = NewStack::new("hello", package).parameter("greeting", "Hello");
    let stack = heat.stacks().create(new).await?;
    println!("stack created    {} {}", stack.name, stack.id);

    let stack = heat
        .stacks()
        .wait(&stack, Action::Create)
        .timeout(Duration::from_secs(60))
        .on_event(|event| println!("  event          {} {}", event.resource_name, event.status))
        .await?;
    println!("stack ready      {}", stack.status);

    for output in heat.outputs().list(&stack).await? {
        let output = heat.outputs().get(&stack, &output.key).await?;
        println!(
            "  output         {} = {}",
            output.key,
            output.value.unwrap_or_default()
        );
    }

    heat.stacks().delete(&stack).await?;
    heat.stacks()
        .wait(&stack, Action::Delete)
        .timeout(Duration::from_secs(60))
        .await?;
    println!("stack deleted    {}", stack.name);
    Ok(())
}

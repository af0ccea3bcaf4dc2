//! A client of another service on the same session: one login and one pool for both.
//!
//! `cargo run --example another_service`

#[path = "another_service/projects.rs"]
mod projects;

use futures::TryStreamExt as _;
use heatclient::sandbox::Sandbox;
use heatclient::{Client, Session, loading};

use crate::projects::Projects;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::start().await?;
    let admin = sandbox.credentials_of("admin").ok_or("no admin")?;
    let session = Session::new(loading::plugin_loader("password")?.load([
        ("auth_url", sandbox.auth_url()),
        ("username", admin.username),
        ("password", admin.password),
        ("project_name", admin.project_name),
        ("user_domain_name", admin.user_domain_name),
        ("project_domain_name", admin.project_domain_name),
    ])?);
    let heat = Client::new(session.clone());
    let projects = Projects::new(&session);

    let names = projects.list().page_size(2).stream().map_ok(|p| p.name);
    let names: Vec<String> = names.try_collect().await?;
    println!("projects: {}", names.join(", "));

    let found = projects.list().query("name", "demo2").limit(1).await?;
    let demo2 = found.first().ok_or("no project demo2")?;
    projects.set_enabled(&demo2.id, false).await?;
    let disabled = projects.wait(&demo2.id, false).await?;
    println!("{} is enabled: {}", disabled.name, disabled.enabled);

    println!("{} stacks", heat.stacks().list().await?.len());
    println!("{} login", sandbox.logins());
    Ok(())
}

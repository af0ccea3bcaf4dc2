//! The types for a list of stacks.

use serde::Deserialize;

#[derive(Deserialize)]
pub struct Page {
    pub stacks: Vec<Stack>,
}

#[derive(Deserialize)]
#[allow(dead_code)]
pub struct Stack {
    id: String,
    links: Vec<Link>,
    stack_name: String,
    description: Option<String>,
    stack_status: String,
    stack_status_reason: Option<String>,
    creation_time: Option<String>,
    updated_time: Option<String>,
    deletion_time: Option<String>,
    stack_owner: Option<String>,
    parent: Option<String>,
    stack_user_project_id: Option<String>,
    tags: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct Link {
    href: String,
    rel: String,
}

//! `stack resume` (old spelling: `action-resume`).

super::action::command!(resume, Resume, "RESUME");

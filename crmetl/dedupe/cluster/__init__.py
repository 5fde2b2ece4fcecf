"""From pairs to clusters: guards, decisions of people, growth, ids that outlive a run."""

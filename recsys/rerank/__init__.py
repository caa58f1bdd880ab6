"""Policy on top of relevance: rules, variety, niche share, exploration."""

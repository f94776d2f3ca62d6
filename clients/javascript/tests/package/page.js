// A website that bundles its scripts.
import "stories-analytics-client/analytics.js";

package io.embeddingoperator.operator.config;

import java.util.Set;

/**
 * The namespaces whose EmbeddingJobs are run.
 *
 * @param names none: all namespaces
 */
public record WatchedNamespaces(Set<String> names) {
    public WatchedNamespaces {
        for (String name : names) {
            Setting.check(
                    Setting.isNamespace(name),
                    OperatorVariable.WATCH_NAMESPACES,
                    name,
                    "use names of namespaces, separated by commas, or leave it empty for all");
        }
        names = Set.copyOf(names);
    }

    public boolean all() {
        return names.isEmpty();
    }
}

package io.embeddingoperator.operator.config;

import java.util.Set;

/**
 * The namespaces whose EmbeddingJobs are run.
 *
 * @param names none: all namespaces
 */
public record WatchedNamespaces(Set<String> names) {
    /** What Kubernetes itself runs is there; a role that may write to them owns the cluster. */
    private static final String SYSTEM = "kube-";

    public WatchedNamespaces {
        for (String name : names) {
            Setting.check(
                    Setting.isNamespace(name),
                    OperatorVariable.WATCH_NAMESPACES,
                    name,
                    "use names of namespaces, separated by commas, or leave it empty for all");
            Setting.check(
                    !isSystem(name),
                    OperatorVariable.WATCH_NAMESPACES,
                    name,
                    "leave it out: no EmbeddingJob runs in a namespace of Kubernetes itself");
        }
        names = Set.copyOf(names);
    }

    /** Whether a namespace belongs to Kubernetes itself, as kube-system does: nothing is run there. */
    public static boolean isSystem(String namespace) {
        return namespace.startsWith(SYSTEM);
    }

    public boolean all() {
        return names.isEmpty();
    }
}

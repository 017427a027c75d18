package io.embeddingoperator.operator.config;

/**
 * Whether and how operators agree on the one that works.
 *
 * @param leaseName the Lease that the leader holds
 * @param namespace where the Lease is; empty only where there is no election
 */
public record LeaderElection(boolean enabled, String leaseName, String namespace) {
    public LeaderElection {
        Setting.check(
                Setting.isObjectName(leaseName),
                OperatorVariable.LEASE_NAME,
                leaseName,
                "use a name that Kubernetes takes: small letters, digits, dashes and dots");
        Setting.check(
                Setting.isNamespace(namespace) || (!enabled && namespace.isEmpty()),
                OperatorVariable.NAMESPACE,
                namespace,
                "name the operator's own namespace, where its lease is, or set "
                        + OperatorVariable.LEADER_ELECTION
                        + " to false");
    }
}

package io.embeddingoperator.cluster.node;

import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.Optional;

/** Which pod, of all that ever had its name; and the address that it has here. */
record PodIdentity(String namespace, String name, String uid, String address, Duration terminationGracePeriod) {

    static PodIdentity of(Pod pod, String address) {
        var metadata = pod.getMetadata();
        long grace = Optional.ofNullable(pod.getSpec().getTerminationGracePeriodSeconds())
                .orElse(30L);
        return new PodIdentity(
                metadata.getNamespace(), metadata.getName(), metadata.getUid(), address, Duration.ofSeconds(grace));
    }

    /** As the kubelet writes it. */
    @Override
    public String toString() {
        return name + "_" + namespace + "(" + uid + ")";
    }
}

package io.embeddingoperator.operator.observe;

import io.embeddingoperator.operator.desired.RunnerPod;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.Pod;
import java.net.URI;
import java.util.Optional;

/**
 * Where a pod answers.
 *
 * @param host an address in the form of URLs
 */
record PodAddress(String host, int port) {
    /** Empty when the pod has no address yet, or no port of ours. */
    static Optional<PodAddress> of(Pod pod) {
        return Optional.ofNullable(pod.getStatus())
                .map(status -> status.getPodIP())
                .filter(address -> !address.isBlank())
                .flatMap(address -> port(pod).map(port -> new PodAddress(host(address), port)));
    }

    URI uri(String path) {
        return URI.create("http://%s:%d%s".formatted(host, port, path));
    }

    private static Optional<Integer> port(Pod pod) {
        return Optional.ofNullable(pod.getSpec()).stream()
                .flatMap(spec -> spec.getContainers().stream())
                .flatMap(container -> container.getPorts().stream())
                .filter(port -> RunnerPod.HTTP_PORT_NAME.equals(port.getName()))
                .map(ContainerPort::getContainerPort)
                .findFirst();
    }

    private static String host(String address) {
        return address.contains(":") ? "[" + address + "]" : address;
    }
}

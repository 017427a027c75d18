package io.embeddingoperator.cluster.node;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceFieldSelector;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What a pod may know of itself: fields for {@code fieldRef}, requests and limits for {@code resourceFieldRef}.
 *
 * @param address the pod's IP address
 * @param nodeAddress the node's IP address
 * @param allocatable what the node has: stands for a limit that a container does not set
 */
record DownwardApi(Pod pod, String address, String nodeAddress, Map<String, Quantity> allocatable) {
    private static final Pattern ENTRY = Pattern.compile("metadata\\.(labels|annotations)\\['(.*)']");

    /** The field's value; empty for a label or annotation that is not there. */
    Optional<String> field(String path) {
        var metadata = pod.getMetadata();
        Matcher entry = ENTRY.matcher(path);
        if (entry.matches()) {
            var entries = entry.group(1).equals("labels") ? metadata.getLabels() : metadata.getAnnotations();
            return Optional.ofNullable(entries.get(entry.group(2)));
        }
        return Optional.of(
                switch (path) {
                    case "metadata.name" -> metadata.getName();
                    case "metadata.namespace" -> metadata.getNamespace();
                    case "metadata.uid" -> metadata.getUid();
                    case "metadata.labels" -> lines(metadata.getLabels());
                    case "metadata.annotations" -> lines(metadata.getAnnotations());
                    case "spec.nodeName" -> pod.getSpec().getNodeName();
                    case "spec.serviceAccountName" -> pod.getSpec().getServiceAccountName();
                    case "status.podIP", "status.podIPs" -> address;
                    case "status.hostIP", "status.hostIPs" -> nodeAddress;
                    default -> throw new IllegalArgumentException("unsupported fieldPath: " + path);
                });
    }

    /** A container's request or limit in units of the divisor, rounded up. */
    String resource(Container container, ResourceFieldSelector selector) {
        String[] path = selector.getResource().split("\\.", 2);
        var resources = container.getResources();
        var limits = Optional.ofNullable(resources).map(r -> r.getLimits()).orElse(Map.of());
        var requests = Optional.ofNullable(resources).map(r -> r.getRequests()).orElse(Map.of());
        Quantity amount = switch (path[0]) {
            case "limits" -> limits.getOrDefault(path[1], allocatable.get(path[1]));
            case "requests" -> requests.getOrDefault(path[1], limits.get(path[1]));
            default -> throw new IllegalArgumentException("unsupported resource: " + selector.getResource());
        };
        BigDecimal divisor = Optional.ofNullable(selector.getDivisor())
                .map(Quantity::getNumericalAmount)
                .filter(number -> number.signum() > 0)
                .orElse(BigDecimal.ONE);
        return amount == null
                ? "0"
                : amount.getNumericalAmount()
                        .divide(divisor, 0, RoundingMode.CEILING)
                        .toPlainString();
    }

    private static String lines(Map<String, String> entries) {
        return new TreeMap<>(entries)
                .entrySet().stream()
                        .map(entry -> entry.getKey() + "=\"" + escaped(entry.getValue()) + "\"")
                        .collect(Collectors.joining("\n"));
    }

    private static String escaped(String value) {
        return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }
}

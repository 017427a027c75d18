package io.embeddingoperator.cluster.node;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.NodeConditionBuilder;
import io.fabric8.kubernetes.api.model.NodeStatus;
import io.fabric8.kubernetes.api.model.NodeStatusBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The Node object that stands for a local node; pure. */
final class NodeObject {
    private static final String MOST_PODS = "110";

    private NodeObject() {}

    static Node of(NodeSettings settings) {
        return new NodeBuilder()
                .withNewMetadata()
                .withName(settings.name())
                .addToLabels("kubernetes.io/hostname", settings.name())
                .addToLabels("kubernetes.io/os", "linux")
                .addToLabels("kubernetes.io/arch", architecture())
                .endMetadata()
                .withNewSpec()
                .endSpec()
                .build();
    }

    /** @param port where the node answers the API server */
    static NodeStatus status(NodeSettings settings, int port, Instant now) {
        return new NodeStatusBuilder()
                .withCapacity(capacity(settings))
                .withAllocatable(capacity(settings))
                .addNewAddress(NodeServices.ADDRESS, "InternalIP")
                .addNewAddress(settings.name(), "Hostname")
                .withNewDaemonEndpoints()
                .withNewKubeletEndpoint(port)
                .endDaemonEndpoints()
                .withConditions(List.of(
                        condition("MemoryPressure", false, "KubeletHasSufficientMemory", now),
                        condition("DiskPressure", false, "KubeletHasNoDiskPressure", now),
                        condition("PIDPressure", false, "KubeletHasSufficientPID", now),
                        condition("Ready", true, "KubeletReady", now)))
                .withNewNodeInfo()
                .withArchitecture(architecture())
                .withBootID("")
                .withContainerRuntimeVersion("process://1")
                .withKernelVersion(System.getProperty("os.version"))
                .withKubeProxyVersion("")
                .withKubeletVersion("v0.0.0-local-node")
                .withMachineID("")
                .withOperatingSystem("linux")
                .withOsImage(System.getProperty("os.name"))
                .withSystemUUID("")
                .endNodeInfo()
                .build();
    }

    static Map<String, Quantity> capacity(NodeSettings settings) {
        Map<String, Quantity> capacity = new LinkedHashMap<>();
        capacity.put("cpu", Quantity.parse(settings.cpu()));
        capacity.put("memory", Quantity.parse(settings.memory()));
        capacity.put("pods", Quantity.parse(MOST_PODS));
        capacity.put("ephemeral-storage", Quantity.parse("100Gi"));
        settings.extendedResources().forEach((name, quantity) -> capacity.put(name, Quantity.parse(quantity)));
        return capacity;
    }

    private static NodeCondition condition(String type, boolean holds, String reason, Instant now) {
        String time = now.truncatedTo(ChronoUnit.SECONDS).toString();
        return new NodeConditionBuilder()
                .withType(type)
                .withStatus(holds ? "True" : "False")
                .withReason(reason)
                .withMessage(reason)
                .withLastHeartbeatTime(time)
                .withLastTransitionTime(time)
                .build();
    }

    private static String architecture() {
        return System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
    }
}

package io.embeddingoperator.cluster.node;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.net.URL;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.util.Map;

/** What all pods of a node share. */
record NodeServices(
        KubernetesClient client,
        NodeSettings settings,
        NodeConnection connection,
        ContainerRuntime runtime,
        HttpClient http) {
    /** Pods share this machine's network, so the node is where they are. */
    static final String ADDRESS = "127.0.0.1";

    PodVolumes volumes(Pod pod, PodIdentity identity) {
        return new PodVolumes(folder(identity).resolve("volumes"), data(identity), downwardApi(pod, identity));
    }

    ContainerLauncher launcher(Pod pod, PodIdentity identity, Map<String, PreparedVolume> volumes) {
        return new ContainerLauncher(
                pod,
                new Images(settings.images(), settings.imageVolumes()),
                new ContainerEnvironment(data(identity), downwardApi(pod, identity)),
                volumes,
                apiServer(),
                runtime,
                folder(identity).resolve("containers"),
                logs(identity));
    }

    /** What belongs to a pod while it lives. */
    Path folder(PodIdentity pod) {
        return settings.folder().resolve("pods").resolve(pod.uid());
    }

    /** Named as under /var/log/pods; logs outlive their pod, for a person to read. */
    Path logs(PodIdentity pod) {
        return settings.folder().resolve("logs").resolve(pod.namespace() + "_" + pod.name() + "_" + pod.uid());
    }

    private NamedData data(PodIdentity pod) {
        return new NamedData(client, pod.namespace());
    }

    private DownwardApi downwardApi(Pod pod, PodIdentity identity) {
        return new DownwardApi(pod, identity.address(), ADDRESS, NodeObject.capacity(settings));
    }

    /** In a cluster these name the service {@code kubernetes}; without a service network, the API server itself. */
    private Map<String, String> apiServer() {
        URL server = client.getMasterUrl();
        String port = Integer.toString(server.getPort() < 0 ? server.getDefaultPort() : server.getPort());
        return Map.of(
                "KUBERNETES_SERVICE_HOST", server.getHost(),
                "KUBERNETES_SERVICE_PORT", port,
                "KUBERNETES_SERVICE_PORT_HTTPS", port);
    }
}

package io.embeddingoperator.cluster.node;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The kubelet's events about one pod: one object for each sentence, counted when it is said again. Nothing waits for them. */
final class PodEvents {
    private static final Logger LOG = LoggerFactory.getLogger(PodEvents.class);

    private final KubernetesClient client;
    private final PodIdentity pod;
    private final String node;
    private final Map<String, Event> said = new HashMap<>();

    PodEvents(KubernetesClient client, PodIdentity pod, String node) {
        this.client = client;
        this.pod = pod;
        this.node = node;
    }

    void normal(String reason, String message) {
        say("Normal", reason, message);
    }

    void warning(String reason, String message) {
        say("Warning", reason, message);
    }

    private synchronized void say(String type, String reason, String message) {
        try {
            Event before = said.get(reason + message);
            said.put(reason + message, before == null ? create(type, reason, message) : again(before));
        } catch (KubernetesClientException failure) {
            LOG.debug("event {} of {} is lost: {}", reason, pod, failure.getMessage());
        }
    }

    private Event create(String type, String reason, String message) {
        String now = now();
        var event = new EventBuilder()
                .withNewMetadata()
                .withGenerateName(pod.name() + ".")
                .withNamespace(pod.namespace())
                .endMetadata()
                .withNewInvolvedObject()
                .withApiVersion("v1")
                .withKind("Pod")
                .withNamespace(pod.namespace())
                .withName(pod.name())
                .withUid(pod.uid())
                .endInvolvedObject()
                .withNewSource("kubelet", node)
                .withType(type)
                .withReason(reason)
                .withMessage(message)
                .withFirstTimestamp(now)
                .withLastTimestamp(now)
                .withCount(1)
                .withReportingComponent("kubelet")
                .withReportingInstance(node)
                .build();
        return client.v1().events().inNamespace(pod.namespace()).resource(event).create();
    }

    private Event again(Event before) {
        return client.v1()
                .events()
                .inNamespace(pod.namespace())
                .withName(before.getMetadata().getName())
                .edit(event -> new EventBuilder(event)
                        .withCount(event.getCount() + 1)
                        .withLastTimestamp(now())
                        .build());
    }

    private static String now() {
        return Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    }
}

package io.embeddingoperator.operator.event;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.operator.status.NewEvent;
import io.fabric8.kubernetes.api.model.MicroTime;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Kubernetes events about EmbeddingJobs. They are a courtesy: one that cannot be written is logged, and no more. */
public final class JobEvents {
    /** The reporting controller of every event of this operator. */
    public static final String CONTROLLER = "embedding-operator.io/embedding-operator";

    /** What Kubernetes takes in a note. */
    private static final int MAX_NOTE_BYTES = 1024;

    private static final DateTimeFormatter MICROS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

    private static final Logger LOG = LoggerFactory.getLogger(JobEvents.class);

    private final KubernetesClient client;
    private final String instance;
    private final Clock clock;

    /** @param instance which process of the operator reports: the name of its pod */
    public JobEvents(KubernetesClient client, String instance, Clock clock) {
        this.client = client;
        this.instance = instance;
        this.clock = clock;
    }

    public void publish(EmbeddingJob job, List<NewEvent> events) {
        events.forEach(event -> publish(job, event));
    }

    private void publish(EmbeddingJob job, NewEvent event) {
        try {
            client.resource(event(job, event)).create();
        } catch (KubernetesClientException e) {
            // The request was repeated after a broken connection: the event is there.
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                LOG.warn("the event {} could not be written: {}", event.reason(), e.getMessage());
            }
        }
    }

    private Event event(EmbeddingJob job, NewEvent event) {
        Instant now = clock.instant();
        return new EventBuilder()
                .withNewMetadata()
                .withName(name(job, event, now))
                .withNamespace(job.getMetadata().getNamespace())
                .endMetadata()
                .withRegarding(reference(job))
                .withType(event.type().name())
                .withReason(event.reason())
                .withAction("Reconcile")
                .withNote(note(event.message()))
                .withReportingController(CONTROLLER)
                .withReportingInstance(instance)
                .withEventTime(new MicroTime(MICROS.format(now)))
                .build();
    }

    /** Names are unique: two events of a moment differ in their reason. */
    private static String name(EmbeddingJob job, NewEvent event, Instant now) {
        String about = job.getMetadata().getUid() + event.reason() + event.message() + now;
        return job.getMetadata().getName() + "." + UUID.nameUUIDFromBytes(about.getBytes(StandardCharsets.UTF_8));
    }

    private static ObjectReference reference(EmbeddingJob job) {
        return new ObjectReferenceBuilder()
                .withApiVersion(job.getApiVersion())
                .withKind(job.getKind())
                .withNamespace(job.getMetadata().getNamespace())
                .withName(job.getMetadata().getName())
                .withUid(job.getMetadata().getUid())
                .withResourceVersion(job.getMetadata().getResourceVersion())
                .build();
    }

    private static String note(String message) {
        String note = message;
        while (note.getBytes(StandardCharsets.UTF_8).length > MAX_NOTE_BYTES) {
            note = note.substring(0, note.offsetByCodePoints(0, note.codePointCount(0, note.length()) * 9 / 10)) + "…";
        }
        return note;
    }
}

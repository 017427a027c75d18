package io.embeddingoperator.cluster.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceFieldSelector;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DownwardApiTest {
    private static final Pod POD = new PodBuilder()
            .withNewMetadata()
            .withName("runner-0")
            .withNamespace("search")
            .withUid("uid-1")
            .addToLabels("app", "runner")
            .addToAnnotations("batch.kubernetes.io/job-completion-index", "3")
            .endMetadata()
            .withNewSpec()
            .withNodeName("node-1")
            .withServiceAccountName("default")
            .addNewContainer()
            .withName("runner")
            .withNewResources()
            .addToLimits("memory", Quantity.parse("1500Mi"))
            .addToRequests("cpu", Quantity.parse("1500m"))
            .endResources()
            .endContainer()
            .endSpec()
            .build();

    private final DownwardApi pod = new DownwardApi(POD, "127.1.2.3", "127.0.0.1", Map.of("cpu", Quantity.parse("8")));

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "metadata.name, runner-0",
                "metadata.namespace, search",
                "metadata.uid, uid-1",
                "metadata.labels['app'], runner",
                "metadata.labels, \"app=\"\"runner\"\"\"",
                "metadata.annotations['batch.kubernetes.io/job-completion-index'], 3",
                "spec.nodeName, node-1",
                "spec.serviceAccountName, default",
                "status.podIP, 127.1.2.3",
                "status.hostIP, 127.0.0.1",
            })
    void knowsTheFieldsOfThePod(String path, String value) {
        assertThat(pod.field(path)).contains(value);
    }

    @Test
    void aLabelThatIsNotThereIsEmptyAndAnUnknownFieldIsRefused() {
        assertThat(pod.field("metadata.labels['none']")).isEmpty();
        assertThatThrownBy(() -> pod.field("spec.hostname")).hasMessageContaining("spec.hostname");
    }

    @ParameterizedTest
    @CsvSource({
        "limits.memory, 1Mi, 1500",
        "limits.memory, 1Gi, 2",
        "limits.memory, , 1572864000",
        "requests.cpu, 1m, 1500",
        "requests.cpu, , 2",
        "limits.cpu, , 8",
        "requests.memory, 1Mi, 1500",
    })
    void countsResourcesInUnitsOfTheDivisorRoundedUp(String resource, String divisor, String value) {
        var selector = new ResourceFieldSelector("runner", divisor == null ? null : Quantity.parse(divisor), resource);

        assertThat(pod.resource(POD.getSpec().getContainers().getFirst(), selector))
                .isEqualTo(value);
    }
}

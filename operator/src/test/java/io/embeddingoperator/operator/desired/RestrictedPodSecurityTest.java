package io.embeddingoperator.operator.desired;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.operator.testing.TestingEndpoint;
import io.embeddingoperator.operator.testing.TestingImages;
import io.embeddingoperator.operator.testing.TestingManifest;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.Volume;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The level {@code restricted} of the Pod Security Standards, rule by rule, on the pods of both manifests. */
final class RestrictedPodSecurityTest {
    @ParameterizedTest
    @ValueSource(strings = {"postgres-on-cpu", "files-on-gpu-under-kueue"})
    void aRunnerPodIsRestricted(String name) {
        PodSpec pod = RunnerJob.desired(TestingManifest.read(name), TestingImages.IMAGES)
                .getSpec()
                .getTemplate()
                .getSpec();

        assertRestricted(pod);
    }

    @Test
    void anEndpointsPodIsRestricted() {
        assertRestricted(EndpointPod.template(
                        TestingEndpoint.ofWiki(), ServedModel.of(TestingManifest.wiki()), TestingImages.IMAGES)
                .getSpec());
    }

    private static void assertRestricted(PodSpec pod) {
        assertThat(pod.getHostNetwork()).isNull();
        assertThat(pod.getHostPID()).isNull();
        assertThat(pod.getHostIPC()).isNull();
        assertThat(pod.getInitContainers()).isEmpty();
        assertThat(pod.getEphemeralContainers()).isEmpty();
        assertThat(pod.getVolumes()).allSatisfy(RestrictedPodSecurityTest::isOfAnAllowedKind);

        PodSecurityContext security = pod.getSecurityContext();
        assertThat(security.getRunAsNonRoot()).isTrue();
        assertThat(security.getRunAsUser()).isPositive();
        assertThat(security.getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
        assertThat(security.getSysctls()).isEmpty();
        assertThat(security.getAppArmorProfile()).isNull();
        assertThat(security.getSeLinuxOptions()).isNull();

        assertThat(pod.getContainers()).singleElement().satisfies(RestrictedPodSecurityTest::isRestricted);
    }

    private static void isRestricted(Container container) {
        SecurityContext security = container.getSecurityContext();
        assertThat(security.getPrivileged()).isNull();
        assertThat(security.getAllowPrivilegeEscalation()).isFalse();
        assertThat(security.getReadOnlyRootFilesystem()).isTrue();
        assertThat(security.getCapabilities().getDrop()).containsExactly("ALL");
        assertThat(security.getCapabilities().getAdd()).isEmpty();
        assertThat(security.getProcMount()).isNull();
        assertThat(container.getPorts())
                .allSatisfy(port -> assertThat(port.getHostPort()).isNull());
    }

    private static void isOfAnAllowedKind(Volume volume) {
        List<Object> kinds = Stream.of(
                        volume.getConfigMap(),
                        volume.getDownwardAPI(),
                        volume.getEmptyDir(),
                        volume.getPersistentVolumeClaim(),
                        volume.getImage())
                .filter(Objects::nonNull)
                .map(Object.class::cast)
                .toList();
        assertThat(kinds).as("volume %s", volume.getName()).hasSize(1);
    }
}

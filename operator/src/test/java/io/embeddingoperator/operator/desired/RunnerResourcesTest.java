package io.embeddingoperator.operator.desired;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class RunnerResourcesTest {
    private static final Quantity ONE = new Quantity("1");

    @Test
    void withoutATemplateTheSchedulerLearnsWhatARunnerTakes() {
        ResourceRequirements resources = RunnerResources.of(null);

        assertThat(resources.getRequests()).isEqualTo(Map.of("cpu", ONE, "memory", new Quantity("1Gi")));
        assertThat(resources.getLimits()).isEmpty();
    }

    @Test
    void theTemplateWinsNameByName() {
        // given: a GPU, and memory by its limit alone
        ResourceRequirements template = new ResourceRequirementsBuilder()
                .addToLimits("nvidia.com/gpu", ONE)
                .addToLimits("memory", new Quantity("512Mi"))
                .build();

        // when
        ResourceRequirements resources = RunnerResources.of(template);

        // then: no request above the limit
        assertThat(resources.getRequests()).isEqualTo(Map.of("cpu", ONE));
        assertThat(resources.getLimits()).isEqualTo(template.getLimits());
    }

    @Test
    void theTemplateItselfStaysAsItIs() {
        ResourceRequirements template = new ResourceRequirements();

        RunnerResources.of(template);

        assertThat(template).isEqualTo(new ResourceRequirements());
    }
}

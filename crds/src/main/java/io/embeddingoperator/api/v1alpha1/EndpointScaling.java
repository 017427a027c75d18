package io.embeddingoperator.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/**
 * Between how many pods an endpoint grows with its traffic.
 *
 * @param minReplicas the fewest pods, for example 2, so that one of them may go at any time
 * @param maxReplicas the most pods that an autoscaler may start, for example 20; without it there is no autoscaler, and {@code
 *     kubectl scale} says how many
 * @param targetUtilization how busy the autoscaler keeps the pods, for example 70, in percent of the CPU that they request
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "!has(self.maxReplicas) || self.minReplicas <= self.maxReplicas",
        messageExpression =
                "'maxReplicas is %d: use at least minReplicas (%d)'" + ".format([self.maxReplicas, self.minReplicas])",
        fieldPath = ".maxReplicas")
public record EndpointScaling(
        @Default("1") @Min(1) @Max(Limit.REPLICAS) Integer minReplicas,
        @Min(1) @Max(Limit.REPLICAS) @Nullable Integer maxReplicas,
        @Default("70") @Min(1) @Max(100) Integer targetUtilization) {
    public static final EndpointScaling DEFAULT = new EndpointScaling(Field.leftOut(), null, Field.leftOut());

    public EndpointScaling {
        minReplicas = Field.between(Field.orElse(minReplicas, 1), 1, Limit.REPLICAS, "spec.scaling.minReplicas");
        if (maxReplicas != null) {
            Field.between(maxReplicas, 1, Limit.REPLICAS, "spec.scaling.maxReplicas");
            Field.check(
                    minReplicas <= maxReplicas,
                    "spec.scaling.maxReplicas is %d: use at least minReplicas (%d)"
                            .formatted(maxReplicas, minReplicas));
        }
        targetUtilization =
                Field.between(Field.orElse(targetUtilization, 70), 1, 100, "spec.scaling.targetUtilization");
    }
}

package io.embeddingoperator.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import java.util.List;
import java.util.Map;

/** What a user may add to the runner pods; the names are those of a pod's own fields. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RunnerTemplate(
        Map<String, String> labels,
        Map<String, String> annotations,
        ResourceRequirements resources,
        Map<String, String> nodeSelector,
        Affinity affinity,
        List<Toleration> tolerations,
        String runtimeClassName,
        String priorityClassName,
        String serviceAccountName,
        List<EnvVar> env,
        List<Volume> volumes,
        List<VolumeMount> volumeMounts) {
    public static final RunnerTemplate EMPTY =
            new RunnerTemplate(null, null, null, null, null, null, null, null, null, null, null, null);

    public RunnerTemplate {
        labels = Map.copyOf(Field.orElse(labels, Map.of()));
        annotations = Map.copyOf(Field.orElse(annotations, Map.of()));
        nodeSelector = Map.copyOf(Field.orElse(nodeSelector, Map.of()));
        tolerations = List.copyOf(Field.orElse(tolerations, List.of()));
        env = List.copyOf(Field.orElse(env, List.of()));
        volumes = List.copyOf(Field.orElse(volumes, List.of()));
        volumeMounts = List.copyOf(Field.orElse(volumeMounts, List.of()));
    }
}

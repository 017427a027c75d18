package io.embeddingoperator.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import java.util.List;
import java.util.Map;

/**
 * What is added to the runner pods; the names are those of a pod's own fields.
 *
 * @param labels labels of the Job and its pods; a Kueue queue is named here
 * @param annotations annotations of the pods
 * @param resources resources of the runner container, GPUs included
 * @param nodeSelector labels that a node must have
 * @param affinity which nodes the pods prefer or need
 * @param tolerations taints that the pods tolerate
 * @param runtimeClassName the RuntimeClass of the pods, for example {@code nvidia}
 * @param priorityClassName the PriorityClass of the pods
 * @param serviceAccountName the ServiceAccount of the pods; no token of it is mounted
 * @param env environment variables of the runner container
 * @param volumes volumes of the pods
 * @param volumeMounts volume mounts of the runner container
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "!has(self.resources) || !has(self.resources.claims) || self.resources.claims.size() == 0",
        message = "resources.claims " + RunnerTemplate.NO_CLAIMS,
        fieldPath = ".resources.claims")
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
    /** A pod's containers name the resource claims of the pod, and a template adds none to it. */
    static final String NO_CLAIMS =
            "names claims that the runner pods do not have: ask for a GPU in resources.limits, as nvidia.com/gpu: 1";

    public static final RunnerTemplate EMPTY =
            new RunnerTemplate(null, null, null, null, null, null, null, null, null, null, null, null);

    public RunnerTemplate {
        labels = Field.entries(labels, "spec.template.labels");
        annotations = Field.entries(annotations, "spec.template.annotations");
        Field.check(
                resources == null || resources.getClaims().isEmpty(), "spec.template.resources.claims " + NO_CLAIMS);
        nodeSelector = Field.entries(nodeSelector, "spec.template.nodeSelector");
        tolerations = Field.items(tolerations, "spec.template.tolerations");
        env = Field.items(env, "spec.template.env");
        volumes = Field.items(volumes, "spec.template.volumes");
        volumeMounts = Field.items(volumeMounts, "spec.template.volumeMounts");
    }
}

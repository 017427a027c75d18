package io.embeddingoperator.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.Toleration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is added to the runner pods: the closed list of what runs need, with the names of a pod's own fields. The right to create
 * an EmbeddingJob is not the right to create any pod.
 *
 * @param labels labels of the Job and its pods, for example {@code {cost-centre: "4711"}}: those of Kueue, and what the operator
 *     was installed to allow; without them the operator's own alone
 * @param annotations annotations of the pods, for example {@code {karpenter.sh/do-not-disrupt: "true"}}: those of Kueue, the
 *     autoscalers' do-not-disrupt, and what the operator was installed to allow; without them none
 * @param resources resources of the runner container, GPUs included, for example {@code {limits: {nvidia.com/gpu: 1, memory:
 *     8Gi}}}; without them a request of one CPU and 1Gi of memory, and no limit
 * @param nodeSelector labels that a node must have, for example {@code {accelerator: l4}}; without them any node
 * @param affinity which nodes the pods prefer or need, for example a nodeAffinity for zones; without it any
 * @param tolerations taints that the pods tolerate, for example {@code [{key: nvidia.com/gpu, operator: Exists}]}; without them
 *     none
 * @param runtimeClassName the RuntimeClass of the pods, for example {@code nvidia}, or what the operator was installed to allow;
 *     without it the cluster's usual one
 * @param priorityClassName the PriorityClass of the pods, of those that the operator was installed to allow, for example {@code
 *     batch}; without it the cluster's usual one
 * @param serviceAccountName the ServiceAccount of the pods, for example {@code embedder}, of those that the operator was
 *     installed to allow; no token of it is mounted; without it {@code default}
 * @param env environment variables of the runner container; without them the operator's own alone
 * @param volumes volumes of the pods; without them the operator's own alone
 * @param volumeMounts volume mounts of the runner container; without them the operator's own alone
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "!has(self.resources) || !has(self.resources.claims) || self.resources.claims.size() == 0",
        message = "resources.claims " + RunnerTemplate.NO_CLAIMS,
        fieldPath = ".resources.claims")
public record RunnerTemplate(
        @Size(max = Limit.ENTRIES) Map<String, @Size(max = Limit.LABEL) String> labels,
        @Size(max = Limit.ENTRIES) Map<String, @Size(max = Limit.VALUE) String> annotations,
        @Nullable ResourceRequirements resources,
        @Size(max = Limit.ENTRIES) Map<String, @Size(max = Limit.LABEL) String> nodeSelector,
        @Nullable Affinity affinity,
        @Size(max = Limit.ENTRIES) List<Toleration> tolerations,

        @Size(max = Limit.NAME) @Pattern(Field.NOT_BLANK) @Nullable
        String runtimeClassName,

        @Size(max = Limit.NAME) @Pattern(Field.NOT_BLANK) @Nullable
        String priorityClassName,

        @Size(max = Limit.NAME) @Pattern(Field.NOT_BLANK) @Nullable
        String serviceAccountName,

        @Size(max = Limit.ENTRIES) List<TemplateVariable> env,
        @Size(max = Limit.VOLUMES) List<TemplateVolume> volumes,
        @Size(max = Limit.VOLUMES) List<TemplateMount> volumeMounts) {
    /** A pod's containers name the resource claims of the pod, and a template adds none to it. */
    static final String NO_CLAIMS =
            "names claims that the runner pods do not have: ask for a GPU in resources.limits, as nvidia.com/gpu: 1";

    public static final RunnerTemplate EMPTY = new RunnerTemplate(
            Map.of(), Map.of(), null, Map.of(), null, List.of(), null, null, null, List.of(), List.of(), List.of());

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
        Field.optionalText(runtimeClassName, "spec.template.runtimeClassName", "name it, or leave it out");
        Field.optionalText(priorityClassName, "spec.template.priorityClassName", "name it, or leave it out");
        Field.optionalText(serviceAccountName, "spec.template.serviceAccountName", "name it, or leave it out");
        for (int i = 0; i < env.size(); i++) {
            env.get(i).check("spec.template.env[" + i + "]");
        }
        for (int i = 0; i < volumes.size(); i++) {
            volumes.get(i).check("spec.template.volumes[" + i + "]");
        }
        for (int i = 0; i < volumeMounts.size(); i++) {
            volumeMounts.get(i).check("spec.template.volumeMounts[" + i + "]");
        }
    }
}

package io.embeddingoperator.operator.config;

import java.util.List;
import java.util.Set;

/**
 * The images that runner pods start from.
 *
 * @param runner for CPUs and for models behind an API
 * @param runnerCuda for NVIDIA GPUs
 * @param pullPolicy Always, IfNotPresent or Never
 * @param pullSecrets Secrets in the namespace of the EmbeddingJob
 */
public record RunnerImages(String runner, String runnerCuda, String pullPolicy, List<String> pullSecrets) {
    private static final Set<String> PULL_POLICIES = Set.of("Always", "IfNotPresent", "Never");

    public RunnerImages {
        Setting.check(
                !runner.isBlank(), OperatorVariable.RUNNER_IMAGE, runner, "name the runner's image, best by digest");
        Setting.check(
                !runnerCuda.isBlank(),
                OperatorVariable.RUNNER_CUDA_IMAGE,
                runnerCuda,
                "name the runner's image for NVIDIA GPUs, best by digest");
        Setting.check(
                PULL_POLICIES.contains(pullPolicy),
                OperatorVariable.RUNNER_IMAGE_PULL_POLICY,
                pullPolicy,
                "use Always, IfNotPresent or Never");
        for (String secret : pullSecrets) {
            Setting.check(
                    Setting.isObjectName(secret),
                    OperatorVariable.RUNNER_IMAGE_PULL_SECRETS,
                    secret,
                    "use names of Secrets, separated by commas");
        }
        pullSecrets = List.copyOf(pullSecrets);
    }
}

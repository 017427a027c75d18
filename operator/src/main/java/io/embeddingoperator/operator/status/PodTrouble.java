package io.embeddingoperator.operator.status;

import io.embeddingoperator.api.contract.ExitCode;
import io.embeddingoperator.api.contract.Progress;
import java.util.List;

/** What keeps a pod from embedding. Pods with equal troubles are told of in one breath. */
sealed interface PodTrouble {
    /** What is wrong and what to do; whoever tells it names the shards first. */
    String sentence();

    /** Kubernetes keeps trying, and the pod goes on by itself once the cause is gone. */
    sealed interface Waiting extends PodTrouble {
        StatusWord word();
    }

    /** The pod is over. */
    sealed interface Ended extends PodTrouble {}

    /** The runner itself told what it waits for, while it runs or at its end. */
    record RunnerWaits(StatusWord word, String sentence) implements Waiting {
        static RunnerWaits of(Progress.Waiting said) {
            StatusWord word = switch (said.reason()) {
                case RateLimited -> StatusWord.RateLimited;
                case BatchQueueFull -> StatusWord.BatchQueueFull;
                case BatchesPending -> StatusWord.BatchesPending;
                case ProviderUnavailable -> StatusWord.ProviderUnavailable;
                case BudgetExhausted -> StatusWord.BudgetExhausted;
            };
            return new RunnerWaits(word, Sentence.quote(said.sentence(), 2 * Sentence.QUOTE));
        }
    }

    record MissingSecret(String namespace, String name, List<String> keys) implements Waiting {
        @Override
        public StatusWord word() {
            return StatusWord.MissingSecret;
        }

        @Override
        public String sentence() {
            return "Secret %s does not exist in namespace %s: create it%s, and the pods start by themselves"
                    .formatted(
                            name,
                            namespace,
                            keys.isEmpty() ? "" : " with the key " + String.join(" and the key ", keys));
        }
    }

    record MissingSecretKey(String namespace, String name, String key) implements Waiting {
        @Override
        public StatusWord word() {
            return StatusWord.MissingSecretKey;
        }

        @Override
        public String sentence() {
            return "Secret %s in namespace %s has no key %s: add it, and the pods start by themselves"
                    .formatted(name, namespace, key);
        }
    }

    /** @param missing what the kubelet misses, for example {@code ConfigMap settings} */
    record MissingConfigMap(String namespace, String missing) implements Waiting {
        @Override
        public StatusWord word() {
            return StatusWord.MissingConfigMap;
        }

        @Override
        public String sentence() {
            return "%s is missing in namespace %s: create it, and the pods start by themselves"
                    .formatted(missing, namespace);
        }
    }

    record MissingVolumeClaim(String namespace, String name) implements Waiting {
        @Override
        public StatusWord word() {
            return StatusWord.MissingVolume;
        }

        @Override
        public String sentence() {
            return "PersistentVolumeClaim %s does not exist in namespace %s: create it, and the pods start by themselves"
                    .formatted(name, namespace);
        }
    }

    record ImagePull(String image, String kubelet) implements Waiting {
        @Override
        public StatusWord word() {
            return StatusWord.ImagePull;
        }

        @Override
        public String sentence() {
            return "image %s cannot be pulled: check its name and the pull secrets; it is tried again (the node says: %s)"
                    .formatted(image, kubelet);
        }
    }

    /** @param place where the name stands */
    record InvalidImage(String image, String place) implements Waiting {
        @Override
        public StatusWord word() {
            return StatusWord.InvalidImage;
        }

        @Override
        public String sentence() {
            return "%s is no name of an image: correct it in %s, and raise spec.runNonce: what is embedded already is kept"
                    .formatted(image, place);
        }
    }

    record ContainerRefused(String kubelet) implements Waiting {
        @Override
        public StatusWord word() {
            return StatusWord.ContainerRefused;
        }

        @Override
        public String sentence() {
            return "the node cannot create the container: " + kubelet;
        }
    }

    record Unschedulable(String advice, String scheduler) implements Waiting {
        @Override
        public StatusWord word() {
            return StatusWord.Unschedulable;
        }

        @Override
        public String sentence() {
            return "%s (the scheduler says: %s)".formatted(advice, scheduler);
        }
    }

    /** Why the container is not there yet stands in events alone, which the operator does not read. */
    record SlowStart(String namespace, String image, String volumes) implements Waiting {
        @Override
        public StatusWord word() {
            return StatusWord.SlowStart;
        }

        @Override
        public String sentence() {
            return "the container is still being created: most often its image is still being pulled%s, or a volume"
                            .formatted(inBrackets(image))
                    + " cannot be mounted%s; kubectl describe pod -n %s tells which"
                            .formatted(inBrackets(volumes), namespace);
        }

        private static String inBrackets(String names) {
            return names.isEmpty() ? "" : " (" + names + ")";
        }
    }

    /** @param limit the container's memory limit, or null when it has none */
    record OutOfMemory(String limit) implements Ended {
        @Override
        public String sentence() {
            return (limit == null
                            ? "the node ran out of memory: set spec.template.resources.requests.memory and limits.memory"
                            : "the runner ran out of memory (limit %s): raise spec.template.resources.limits.memory"
                                    .formatted(limit))
                    + Sentence.AND_RUN_AGAIN;
        }
    }

    /** The runner knew why it ended. */
    record RunnerEnded(ExitCode code, String sentence) implements Ended {}

    /** The runner, or what should have become it, ended in a way that it never chose. */
    record Crashed(int exitCode, String words) implements Ended {
        @Override
        public String sentence() {
            return "the runner ended with exit code %d%s%s"
                    .formatted(exitCode, signal(), words.isEmpty() ? "" : ": " + words);
        }

        private String signal() {
            return switch (exitCode) {
                case 126, 127, 128 -> " (it could not be started)";
                case 134 -> " (it aborted)";
                case 137 -> " (it was killed)";
                case 139 -> " (a segmentation fault)";
                default -> "";
            };
        }
    }

    /** The node turned the pod away, or ended it: the container never said anything. */
    record TurnedAway(String reason, String kubelet) implements Ended {
        @Override
        public String sentence() {
            return "the node ended the pod (%s)%s".formatted(reason, kubelet.isEmpty() ? "" : ": " + kubelet);
        }
    }

    /** Preempted, evicted, or lost with its node: not counted as an attempt. */
    record Disrupted(String cause) implements Ended {
        @Override
        public String sentence() {
            return cause;
        }
    }
}

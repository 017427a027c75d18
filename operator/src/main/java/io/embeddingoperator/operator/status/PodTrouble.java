package io.embeddingoperator.operator.status;

import io.embeddingoperator.api.contract.ExitCode;
import io.embeddingoperator.api.contract.Progress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What keeps a pod from embedding. A sentence tells of all pods with equal troubles together. */
sealed interface PodTrouble {
    /** What is wrong and what to do, to follow the names of the shards. */
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
                case Stalled -> StatusWord.Stalled;
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
            String contents = keys.isEmpty() ? "" : " with the key " + String.join(" and the key ", keys);
            return "Secret %s does not exist in namespace %s: create it%s, and the pods start by themselves"
                    .formatted(name, namespace, contents);
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
            return "%s is no name of an image: correct it in %s, and change spec.runNonce: what is embedded already is kept"
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

    /**
     * The pod's node has stopped answering. Kubernetes cannot tell whether what runs there has ended, and a Job with a failure policy
     * starts no other pod for a shard before it knows. The operator does not force the pod away: that takes the right to delete
     * any pod, while a person, or a cloud that sees the machine gone, can say so of the node.
     *
     * @param node its name
     * @param givenUp whether Kubernetes has told the pod to end, and the time that it has for that is over
     */
    record LostNode(String node, boolean givenUp) implements Waiting {
        @Override
        public StatusWord word() {
            return StatusWord.NodeLost;
        }

        @Override
        public String sentence() {
            if (givenUp) {
                return ("the old pod was told to end, its node %s does not say that it has, and Kubernetes starts no other one before:"
                                + " bring the node back; or, once its machine is off, kubectl delete node %s, or kubectl taint"
                                + " node %s node.kubernetes.io/out-of-service=nodeshutdown:NoExecute;"
                                + " should the old pod still be at work, it can harm nothing")
                        .formatted(node, node, node);
            }
            return ("node %s has stopped answering: when it stays away, Kubernetes gives its pods up, after 5 minutes"
                            + " unless spec.template.tolerations say otherwise")
                    .formatted(node);
        }
    }

    /** @param limit the container's memory limit, or null when it has none */
    record OutOfMemory(@Nullable String limit) implements Ended {
        @Override
        public String sentence() {
            if (limit == null) {
                return "the node ran out of memory: set spec.template.resources.requests.memory and limits.memory"
                        + Sentence.AND_RUN_AGAIN;
            }
            return "the runner ran out of memory (limit %s): raise spec.template.resources.limits.memory"
                            .formatted(limit)
                    + Sentence.AND_RUN_AGAIN;
        }
    }

    /** The runner knew why it ended. */
    record RunnerEnded(ExitCode code, String sentence) implements Ended {}

    /** The container of the runner ended, or failed to start, with an exit code that is none of the runner's own. */
    record Crashed(int exitCode, String words) implements Ended {
        @Override
        public String sentence() {
            String sentence = "the runner ended with exit code %d%s".formatted(exitCode, signal());
            return words.isEmpty() ? sentence : sentence + ": " + words;
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

    /** The node ended the pod, or did not take it in: its kubelet says why, which the exit code of a kill does not tell. */
    record EndedByNode(String reason, String kubelet, boolean refused) implements Ended {
        private static final String REFUSAL = "Pod was rejected: ";

        static EndedByNode of(String reason, String words) {
            String kubelet = Sentence.quote(words, Sentence.QUOTE);
            boolean refused = kubelet.startsWith(REFUSAL);
            return new EndedByNode(reason, refused ? kubelet.substring(REFUSAL.length()) : kubelet, refused);
        }

        @Override
        public String sentence() {
            String verb = refused ? "did not take in" : "ended";
            String words = kubelet.isEmpty() ? "" : ": " + kubelet;
            return "the node %s the pod (%s)%s%s".formatted(verb, reason, words, remedy());
        }

        /** Where the pod itself used more than it may: a node that ran short is no matter of the manifest. */
        private String remedy() {
            if (kubelet.contains("ephemeral local storage usage exceeds")
                    || kubelet.contains("exceeded its local ephemeral storage limit")) {
                return "; raise spec.template.resources.limits.ephemeral-storage" + Sentence.AND_RUN_AGAIN;
            }
            if (kubelet.startsWith("Usage of EmptyDir volume")) {
                return "; raise the volume's sizeLimit in spec.template.volumes" + Sentence.AND_RUN_AGAIN;
            }
            return "";
        }
    }

    /**
     * Preempted, evicted, or lost with its node: not counted as an attempt.
     *
     * @param terminating whether the pod has yet to end, which Kubernetes waits for before it starts another one
     */
    record Disrupted(String cause, boolean terminating) implements Ended {
        @Override
        public String sentence() {
            return cause;
        }
    }
}

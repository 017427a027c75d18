package io.embeddingoperator.cluster.node;

import io.fabric8.kubernetes.api.model.Container;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What a container runs: its command in place of the image's entrypoint, then its arguments. */
final class ContainerCommand {
    private ContainerCommand() {}

    static List<String> of(Container container, ProcessImage image, Map<String, String> variables)
            throws NotStartedException {
        List<String> command = new ArrayList<>(image.entrypoint());
        if (!container.getCommand().isEmpty()) {
            command = expanded(container.getCommand(), variables);
        }
        command.addAll(expanded(container.getArgs(), variables));
        if (command.isEmpty()) {
            throw new NotStartedException("CreateContainerError", "no command specified");
        }
        return command;
    }

    private static List<String> expanded(List<String> words, Map<String, String> variables) {
        List<String> expanded = new ArrayList<>();
        words.forEach(word -> expanded.add(VariableReferences.expand(word, variables)));
        return expanded;
    }
}

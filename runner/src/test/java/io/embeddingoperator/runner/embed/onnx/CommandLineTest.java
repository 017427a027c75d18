package io.embeddingoperator.runner.embed.onnx;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.runner.failure.SpecificationException;
import org.junit.jupiter.api.Test;

class CommandLineTest {
    @Test
    void aCommandLineThatWouldCrashTheProcessIsRefusedWithASentence() {
        assertThatCode(() -> CommandLine.check(3_900)).doesNotThrowAnyException();
        assertThatThrownBy(() -> CommandLine.check(3_901))
                .isInstanceOf(SpecificationException.class)
                .hasMessage("the runner's command line has 3901 bytes, and ONNX Runtime cannot be loaded beyond 3900: "
                        + "use shorter arguments and a class path with wildcards");
    }
}

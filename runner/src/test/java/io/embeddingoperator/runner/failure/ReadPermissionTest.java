package io.embeddingoperator.runner.failure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a closed file leads to in a real process is for {@code BadInputIT}: the user of a test may be root, who reads all. */
class ReadPermissionTest {
    @TempDir
    private Path folder;

    @Test
    void namesFileModeOwnerUserAndRemedy() {
        assertThat(ReadPermission.sentence(
                        Path.of("/model/model.onnx"), false, Optional.of(0600), Optional.of(1000), Optional.of(65532)))
                .isEqualTo("/model/model.onnx (mode 0600, of user 1000) may not be read by the runner's user, 65532:"
                        + " let it, for example by chmod a+r, or give it to that user");
    }

    @Test
    void asksForMoreOfAFolder() {
        assertThat(ReadPermission.sentence(
                        Path.of("/model"), true, Optional.empty(), Optional.empty(), Optional.empty()))
                .isEqualTo("/model may not be read by the runner's user: let it, for example by chmod a+rx,"
                        + " or give it to that user");
    }

    @Test
    void letsPassWhatMayBeReadAndWhatIsNotThere() throws IOException {
        Path file = Files.writeString(folder.resolve("tokenizer.json"), "{}");

        assertThatCode(() -> ReadPermission.check(file)).doesNotThrowAnyException();
        assertThatCode(() -> ReadPermission.check(folder)).doesNotThrowAnyException();
        assertThatCode(() -> ReadPermission.check(Path.of("/"))).doesNotThrowAnyException();
        assertThatCode(() -> ReadPermission.check(folder.resolve("a/b/c"))).doesNotThrowAnyException();
    }
}

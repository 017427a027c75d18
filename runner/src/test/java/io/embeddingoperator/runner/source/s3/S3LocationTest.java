package io.embeddingoperator.runner.source.s3;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class S3LocationTest {
    @Test
    void saysWhatToDoAboutTooManyObjects() {
        S3Location location = new S3Location("docs", "in/", KeyGlob.of("2026*"), false);

        assertThat(location.tooMany(10_000_000, false))
                .startsWith("s3://docs/in/2026 has more than the 10,000,000 objects that a run can plan: divide them");
        assertThat(location.tooMany(5_000_000, true))
                .contains("5,000,000 objects that a run can plan in the heap of its pods: raise -Xmx in EMBEDDING_");
    }
}

/* OpenALPR's C interface, without OpenALPR: what its child must survive, and what it must ask.
   It answers with the size in a BMP's header, and dies where the first pixel's blue is 1. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct alpr { bool loaded; int top_n; char region[8]; };

void *initialize(const char *country, const char *config, const char *runtime) {
    struct alpr *made = calloc(1, sizeof *made);
    printf("--(!)Error loading CPU classifier %s/region/%s.xml\n", runtime, country);
    fflush(stdout);
    if (strcmp(config, "moved") == 0)
        fprintf(stderr, "Missing config value for 'runtime_dir'\n");
    if (strcmp(country, "xx") == 0) abort();
    made->loaded = strcmp(country, "us") == 0;
    if (!made->loaded)
        fprintf(stderr, "--(!) Country config file '%s.conf' does not exist.\n", country);
    return made;
}

bool isLoaded(struct alpr *one) { return one->loaded; }
void setTopN(struct alpr *one, int top_n) { one->top_n = top_n; }
void setDefaultRegion(struct alpr *one, const char *region) { strncpy(one->region, region, 7); }

char *recognizeArray(struct alpr *one, const unsigned char *picture, unsigned int length) {
    if (!one->loaded) abort();
    int width, height;
    if (length < 58) abort();
    memcpy(&width, picture + 18, 4);
    memcpy(&height, picture + 22, 4);
    if (picture[54] == 1) abort();
    fprintf(stderr, "a line for each picture\n");
    char *said = malloc(600);
    snprintf(said, 600,
        "{\"img_width\":%d,\"img_height\":%d,\"results\":[{\"plate\":\"TOP%d%s\","
        "\"confidence\":90.5,\"coordinates\":[],\"candidates\":[]}]}",
        width, abs(height), one->top_n, one->region);
    return said;
}

void freeJsonMem(char *said) { free(said); }

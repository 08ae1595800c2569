/* What Rust's standard library asks of bcryptprimitives.dll, for a Wine that lacks it (before 9.12). For tests only:
   no package contains it. */
#include <windows.h>

BOOLEAN NTAPI SystemFunction036(PVOID buffer, ULONG length); /* RtlGenRandom */

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE buffer, SIZE_T length) {
    return SystemFunction036(buffer, (ULONG)length) != 0;
}
